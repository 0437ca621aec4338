#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A start verifies the newest 10,000 records; older ones are verified while the broker works (design 6), and a flipped bit among them is told with its
position and hurts nothing else. Whoever finds it, it is counted once where operators look: in /metrics, in `enlace status`, in one alarm."""

from bench_stage import PlainStage
from stage import run_tests, wait_until
from test_crash import identities

VERIFIED_AT_START = 10000
DAMAGED = "enlace_journal_damaged_records_total"
HEADER_BEFORE_RULES = 48  # bytes of a record's header before the digest of its rules (broker/journal/record.h)


def publish(stage, count):
    bus = stage.bus("bench-in")
    bus.hello("publisher")
    for first in range(0, count, 200):
        answers = bus.publish_wait(*[stage.event(bus, number) for number in range(first, min(count, first + 200))])
        assert all(answer["verdict"] == "RECORDED" for answer in answers)
    bus.close()


def flip(stage, position):
    """One bit within the header of the record at that position, also where pages that are free by now hold it."""
    path = stage.path("journal/data.mdb")
    rules = bytes.fromhex(stage.ready["rules"])
    with open(path, "r+b") as file:
        data = file.read()
        found, at = [], data.find(rules)
        while at >= 0:
            header = at - HEADER_BEFORE_RULES
            if int.from_bytes(data[header + 8:header + 16], "big") == position:
                found.append(at)
            at = data.find(rules, at + 1)
        assert found, position
        for at in found:
            file.seek(at + 9)
            file.write(bytes([data[at + 9] ^ 1]))


def of_a_complete_pass(stage):
    journal = stage.operator("status")["journal"]
    return journal if journal["all_verified_ms"] > 0 else None


def an_old_record_that_is_damaged_is_found_while_the_broker_works():
    with PlainStage() as stage:
        stage.start_broker()
        publish(stage, VERIFIED_AT_START + 400)
        assert stage.metrics()[DAMAGED] == 0
        journal = stage.operator("status")["journal"]
        assert journal["damaged"] == 0 and journal["positions"] == [] and "remedy" not in journal, journal
        stage.broker.stop()
        flip(stage, 7)
        stage.start_broker()
        assert stage.broker.wait("journal.open")["damaged"] == 0, "the start looks at the newest ones"
        found = stage.broker.wait("journal.quarantined")
        assert found["position"] == 7 and found["remedy"], found
        verified = stage.broker.wait("journal.verified")
        assert verified["damaged"] == 1 and verified["records"] >= 400, verified
        assert stage.metrics()[DAMAGED] == 1
        journal = wait_until(lambda: of_a_complete_pass(stage), "a status that tells of the whole pass")
        assert journal["positions"] == ["7"] and journal["verified"] == journal["of"] == VERIFIED_AT_START + 400, journal
        publish_again = stage.bus("bench-in")
        publish_again.hello("again")
        assert publish_again.publish_wait(stage.event(publish_again, 99999))[0]["verdict"] == "RECORDED"
        publish_again.close()
        identities(stage.metrics())


def what_is_damaged_is_told_where_operators_look_and_counted_once():
    with PlainStage() as stage:
        stage.start_broker()
        publish(stage, 20)
        stage.broker.stop()
        for position in (3, 4, 9):
            flip(stage, position)
        stage.start_broker()
        assert stage.broker.wait("journal.open")["damaged"] == 3
        assert stage.metrics()[DAMAGED] == 3, "the start reads them, and folds them"
        alarm = stage.broker.wait("alarm.journal_damaged")
        assert (alarm["level"], alarm["records"], alarm["first"], alarm["last"]) == ("error", 3, 3, 9) and alarm["remedy"], alarm
        status = stage.operator("status")
        journal = status["journal"]
        assert [key for key in status if key not in ("ok", "id")][0] == "journal", "what needs somebody stands first"
        assert (journal["damaged"], journal["positions"]) == (3, ["3-4", "9"]) and "restore" in journal["remedy"], journal
        assert journal["verified"] == journal["of"] == 20 and journal["all_verified_ms"] > 0, journal
        for language, remedy in (("C", "remedy             look at the disk, and restore the journal from a copy"),
                                 ("es_MX.UTF-8", "remedy             revise el disco y restaure el diario de una copia")):
            text = stage.enlace("status", "-c", stage.path("config/enlace.yaml"), "--key", stage.path("secrets/operations.cert_secret"),
                                language=language).stdout.decode()
            assert text.startswith("journal\n  damaged            3\n  positions          3-4, 9\n  " + remedy), text
        reader = stage.bus("bench-out")
        reader.hello("reader", subscriptions=["bench"])
        assert len(reader.deliveries(17)) == 17
        shown = stage.operator("msg", "show", "9", check=False)
        assert shown["code"] == "quarantined", shown
        assert stage.metrics()[DAMAGED] == 3, "and deliveries and operators read them again"
        reader.close()


def what_only_a_delivery_reads_is_counted_too():
    with PlainStage() as stage:
        stage.start_broker()
        publish(stage, 20)
        flip(stage, 5)  # neither a start nor the scrub will look at it in this process
        reader = stage.bus("bench-out")
        reader.hello("reader", subscriptions=["bench"])
        reader.deliveries(4)
        alarm = stage.broker.wait("alarm.journal_damaged")
        assert (alarm["records"], alarm["first"], alarm["last"]) == (1, 5, 5), alarm
        assert stage.metrics()[DAMAGED] == 1
        assert stage.operator("status")["journal"]["positions"] == ["5"]
        reader.close()
        identities(stage.metrics())


if __name__ == "__main__":
    run_tests([an_old_record_that_is_damaged_is_found_while_the_broker_works, what_is_damaged_is_told_where_operators_look_and_counted_once,
               what_only_a_delivery_reads_is_counted_too])
