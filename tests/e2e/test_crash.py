#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of publishing: what was answered is there, each event reaches its subscriber once settled, and the conservation
identities of the design (2.2) hold at every start."""
import random
import re
import signal

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
    run_tests([nothing_answered_is_lost_over_fifty_kills, the_state_is_the_same_before_and_after_a_clean_restart,
               a_client_that_reconnects_hears_where_it_stood])
