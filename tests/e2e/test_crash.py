#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of publishing: what was answered is there, each event reaches its subscriber once settled, and the conservation
identities of the design (2.2) hold at every start."""
import os
import random
import re
import signal
import subprocess

from bench_stage import PlainStage
from stage import run_tests, wait_until

KILLS = 50


def identities(metrics):
    """received = recorded + held + refused per agency; matched = taken + dead + ... + pending per subscription."""
    def total(name, **labels):
        found = 0.0
        for key, value in metrics.items():
            base, _, rest = key.partition("{")
            if base == name and all(f'{k}="{v}"' in rest for k, v in labels.items()):
                found += value
        return found

    agencies = {m for key in metrics for m in re.findall(r'^enlace_ingest_received_total\{agency="([^"]+)"', key)}
    subscriptions = {m for key in metrics for m in re.findall(r'^enlace_subscription_matched_total\{subscription="([^"]+)"', key)}
    assert agencies and subscriptions, "the identities' counters are missing from /metrics"
    for agency in agencies:
        parts = {o: total("enlace_ingest_events_total", agency=agency, outcome=o) for o in ("recorded", "held", "refused")}
        assert total("enlace_ingest_received_total", agency=agency) == sum(parts.values()), (agency, parts)
    for name in subscriptions:
        matched = total("enlace_subscription_matched_total", subscription=name)
        ended = {o: total("enlace_delivery_events_total", subscription=name, outcome=o)
                 for o in ("taken", "dead", "discarded", "expired", "withheld", "erased")}
        pending = total("enlace_subscription_pending_events", subscription=name)
        assert matched == sum(ended.values()) + pending, (name, matched, ended, pending)


def publish_until_killed(stage, bus, rng, next_number):
    """Publishes batches and kills the broker somewhere among them. Returns (answered, sent): numbers recorded, numbers without an answer."""
    recorded, pending = [], {}
    batches, kill_at = 6, rng.randrange(1, 6)
    number = next_number
    for batch in range(batches):
        events, numbers = [], []
        for _ in range(rng.randrange(1, 40)):
            events.append(stage.event(bus, number))
            numbers.append(number)
            number += 1
        for sequence, sent in zip(bus.publish(*events), numbers):
            pending[sequence] = sent
        if batch == kill_at:
            stage.broker.process.send_signal(signal.SIGKILL)
        while True:
            got = bus.receive(0.0 if batch < kill_at else 0.05)
            if not got:
                break
            if got[0] == "PUBLISHED":
                for answer in got[1]["answers"]:
                    sent = pending.pop(int(answer["sequence"]))
                    assert answer["verdict"] in ("RECORDED", "DUPLICATE"), answer
                    recorded.append(sent)
        if batch == kill_at:
            break
    stage.broker.process.wait()
    return recorded, sorted(pending.values()), number


def nothing_answered_is_lost_over_fifty_kills():
    rng = random.Random(20261123)
    with PlainStage() as stage:
        recorded, unknown, number = set(), set(), 1
        for _ in range(KILLS):
            stage.start_broker()
            bus = stage.bus("bench-in")
            bus.hello("publisher")
            # What had no answer is sent again under the same id, as a client does.
            again = sorted(unknown)[:20]
            if again:
                for answer, sent in zip(bus.publish_wait(*[stage.event(bus, n) for n in again]), again):
                    assert answer["verdict"] in ("RECORDED", "DUPLICATE"), answer
                    recorded.add(sent)
                    unknown.discard(sent)
            done, left, number = publish_until_killed(stage, bus, rng, number)
            recorded.update(done)
            unknown.update(left)
            bus.close()
        stage.start_broker()
        identities(stage.metrics())
        reader = stage.bus("bench-out")
        reader.hello("reader", ["bench"], window=256)
        seen = {}
        while not recorded <= set(seen):
            for delivery in reader.deliveries(1):
                sent = int(delivery["event"]["data"]["identifier"][2:])
                assert sent not in seen, f"event {sent} came twice though it was settled"
                seen[sent] = delivery
                reader.settle("bench", [delivery["number"]])
        assert set(seen) <= recorded | unknown, "something came that nobody sent"
        pending = 'enlace_subscription_pending_events{subscription="bench"}'
        wait_until(lambda: stage.metrics()[pending] == stage.metrics()['enlace_subscription_matched_total{subscription="bench"}'] - len(seen),
                   "the settlements are counted")
        identities(stage.metrics())
        reader.close()
        print(f"        {len(recorded)} recorded over {KILLS} kills, {len(unknown)} unanswered, {len(seen)} delivered")


class ReferralStage(PlainStage):
    """bench-in refers to bench-out by name, and takes the statuses of what it sent."""

    def __init__(self):
        super().__init__()
        self.edit("config/agencies/bench-in.yaml", r"^publishes:.*$", "publishes: [enlace.v1.Alert, enlace.v1.Referral]")
        self.write("config/agreements/feedback.yaml", "agreement: feedback\nfrom: [bench-in]\nto: [bench-in]\npurposes: [feedback]\n"
                   "may_see: {operational: full}\nvalid: {first_day: 2020-01-01, last_day: 2099-12-31}\n")
        for route, kind, purpose in (("referrals", "Referral", "bench"), ("feedback", "ReferralStatus", "feedback")):
            self.write(f"config/routes/{route}.yaml", f"route: {route}\ntypes: [{kind}]\npurpose: {purpose}\nreads: []\nsend_to:\n"
                       "  - {addressee: true}\nif_nobody_receives: fine\n")
        for name, agency, kind, purpose in (("referrals", "bench-out", "Referral", "bench"), ("statuses", "bench-in", "ReferralStatus", "feedback")):
            self.write(f"config/subscriptions/{name}.yaml", f"subscription: {name}\nagency: {agency}\npurpose: {purpose}\nreceives: [{kind}]\n"
                       f"as: enlace.v1.{kind}\nretry: {{after: [1 s], give_up: 1 days, then: dead_letter}}\n")

    @staticmethod
    def referral(bus, number):
        return bus.event("enlace.v1.Referral", "urn:enlace:bench-in", f"r-{number}", f"case-{number}", {
            "referralId": f"R-{number}", "sourceCaseId": f"case-{number}", "service": "SAFE_SHELTER", "to": {"agency": "bench-out"},
            "legalBasis": "PUBLIC_INTEREST", "priority": "NORMAL", "person": {"ageYears": 13}})


def take_faults(bus, told, count):
    """Settles so many statuses; told: the ids of the events that told of a referral."""
    for _ in range(count):
        delivery = bus.deliveries(1)[0]
        data = delivery["event"]["data"]
        assert (data["state"], data["actorAgency"], data["reasonCode"]) == ("FAULT", "bench-out", "rejected_by_recipient"), data
        told.setdefault(data["referralId"], set()).add(delivery["event"]["id"])
        bus.settle("statuses", [delivery["number"]])


def one_end_is_told_once_however_often_the_broker_is_killed():
    rng, kills, each = random.Random(20261130), 25, 6
    total, told = kills * each, {}
    dead, waiting = 'enlace_delivery_events_total{subscription="referrals",outcome="dead"}', 'enlace_subscription_pending_events{subscription="%s"}'
    with ReferralStage() as stage:
        for kill in range(kills + 1):
            stage.start_broker()
            if kill > 0:
                identities(stage.metrics())
            sender, reader = stage.bus("bench-in"), stage.bus("bench-out")
            sender.hello("sender", ["statuses"])  # and settles none of them before the last round
            reader.hello("reader", ["referrals"])
            if kill == kills:
                break
            for answer in sender.publish_wait(*[stage.referral(sender, kill * each + n) for n in range(each)]):
                assert answer["verdict"] == "RECORDED", answer
            # Each in a frame of its own; the kill comes when so many of them were answered, while others are on their way.
            for delivery in reader.deliveries(each):
                reader.settle("referrals", [delivery["number"]], "UNUSABLE", code="full")
            for _ in range(rng.randrange(0, each)):
                reader.expect("SETTLED")
            stage.broker.kill()
            sender.close()
            reader.close()
        left = total - int(stage.metrics()[dead])
        for _ in range(left):
            reader.settle_wait("referrals", [reader.deliveries(1)[0]["number"]], "UNUSABLE", code="full")
        take_faults(sender, told, total)
        wait_until(lambda: stage.metrics()[waiting % "statuses"] == 0, "all statuses are settled")
        metrics = stage.metrics()
        identities(metrics)
        assert metrics[waiting % "referrals"] == 0 and metrics[dead] == total, metrics
        assert metrics['enlace_ingest_received_total{agency="urn:enlace:broker"}'] == total
        assert {len(ids) for ids in told.values()} == {1} and len(told) == total, told
        sender.close()
        reader.close()
        print(f"        {total} ends over {kills} kills, {left} of them after the last one")


FAILING_DISK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int fdatasync(int fd)
{
	if (access(getenv("DISK_FAILS"), F_OK) == 0) {
		errno = EIO;
		return -1;
	}
	return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
"""


def a_commit_that_fails_is_promised_to_nobody_and_ends_the_broker():
    with PlainStage() as stage:
        stage.write("disk.c", FAILING_DISK)
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", stage.path("disk.so"), stage.path("disk.c")], check=True)
        stage.start_broker(environment={"LD_PRELOAD": stage.path("disk.so"), "DISK_FAILS": stage.path("disk-fails"),
                                        "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"})
        bus = stage.bus("bench-in")
        bus.hello("publisher")
        assert bus.publish_wait(stage.event(bus, 1))[0]["verdict"] == "RECORDED"
        stage.write("disk-fails", "")
        bus.publish(stage.event(bus, 2))
        assert stage.broker.process.wait(20) == 74, stage.broker.raw[-3:]
        assert bus.receive(1.0) is None, "something was promised that no disk has"
        failed = stage.broker.wait("journal.failed")
        assert failed["code"] == "io" and failed["remedy"], failed
        bus.close()
        os.unlink(stage.path("disk-fails"))
        stage.start_broker()  # as its supervisor does
        again = stage.bus("bench-in")
        last = int(again.hello("publisher")["lastSequence"])
        assert last in (1, 2), last  # what failed to be synced may be on the disk all the same
        identities(stage.metrics())
        answers = again.publish_wait(stage.event(again, 1), stage.event(again, 2), stage.event(again, 3))
        assert [a["verdict"] for a in answers] == ["DUPLICATE", "DUPLICATE" if last == 2 else "RECORDED", "RECORDED"], answers
        again.close()
        reader = stage.bus("bench-out")
        reader.hello("reader", ["bench"])
        assert sorted(d["event"]["data"]["identifier"] for d in reader.deliveries(3)) == ["A-1", "A-2", "A-3"]
        reader.close()
        identities(stage.metrics())


def the_state_is_the_same_before_and_after_a_clean_restart():
    with PlainStage() as stage:
        stage.start_broker()
        bus = stage.bus("bench-in")
        bus.hello()
        bus.publish_wait(*[stage.event(bus, n) for n in range(200)])
        reader = stage.bus("bench-out")
        reader.hello("reader", ["bench"], window=50)
        numbers = [d["number"] for d in reader.deliveries(30)]
        reader.settle_wait("bench", numbers[:20])
        before = stage.metrics()
        assert stage.broker.stop() == 0
        stage.start_broker()
        after = stage.metrics()
        for name in ("enlace_subscription_matched_total", "enlace_ingest_received_total"):
            for key in before:
                if key.startswith(name):
                    assert before[key] == after[key], key
        identities(after)


def a_client_that_reconnects_hears_where_it_stood():
    with PlainStage() as stage:
        stage.start_broker()
        bus = stage.bus("bench-in")
        bus.hello("one")
        bus.publish_wait(*[stage.event(bus, n) for n in range(5)])
        bus.close()
        stage.broker.kill()
        stage.start_broker()
        again = stage.bus("bench-in")
        assert int(again.hello("one")["lastSequence"]) == 5
        answers = again.publish_wait(stage.event(again, 3))
        assert answers[0]["verdict"] == "DUPLICATE", answers
        again.close()


if __name__ == "__main__":
    run_tests([nothing_answered_is_lost_over_fifty_kills, one_end_is_told_once_however_often_the_broker_is_killed,
               a_commit_that_fails_is_promised_to_nobody_and_ends_the_broker, the_state_is_the_same_before_and_after_a_clean_restart,
               a_client_that_reconnects_hears_where_it_stood])
