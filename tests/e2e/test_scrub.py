#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A start verifies the newest 10,000 records; older ones are verified while the broker works (design 6), and a flipped bit among them is told with its
position and hurts nothing else."""

from bench_stage import PlainStage
from stage import run_tests
from test_crash import identities

VERIFIED_AT_START = 10000
HEADER_BEFORE_RULES = 48  # bytes of a record's header before the digest of its rules (broker/journal/record.h)


def publish(stage, count):
    bus = stage.bus("bench-in")
    bus.hello("publisher")
    for first in range(0, count, 200):
        answers = bus.publish_wait(*[stage.event(bus, number) for number in range(first, min(count, first + 200))])
        assert all(answer["verdict"] == "RECORDED" for answer in answers)
    bus.close()


def flip(stage, position):
    """One bit within the header of the record at that position; the file is found to hold it once."""
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
        assert len(found) == 1, found
        file.seek(found[0] + 9)
        file.write(bytes([data[found[0] + 9] ^ 1]))


def an_old_record_that_is_damaged_is_found_while_the_broker_works():
    with PlainStage() as stage:
        stage.start_broker()
        publish(stage, VERIFIED_AT_START + 400)
        stage.broker.stop()
        flip(stage, 7)
        stage.start_broker()
        assert stage.broker.wait("journal.open")["damaged"] == 0, "the start looks at the newest ones"
        found = stage.broker.wait("journal.quarantined")
        assert found["position"] == 7 and found["remedy"], found
        verified = stage.broker.wait("journal.verified")
        assert verified["damaged"] == 1 and verified["records"] >= 400, verified
        publish_again = stage.bus("bench-in")
        publish_again.hello("again")
        assert publish_again.publish_wait(stage.event(publish_again, 99999))[0]["verdict"] == "RECORDED"
        publish_again.close()
        identities(stage.metrics())


if __name__ == "__main__":
    run_tests([an_old_record_that_is_damaged_is_found_while_the_broker_works])
