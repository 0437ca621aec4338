#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 of adapters in every phase: nothing that an agency's system gave is lost or sent as two events, nothing that it took is given to it again."""
import os
import random
import signal
import time

from plain_adapter import AdapterStage, Service, reply
from stage import run_tests, wait_until
from test_crash import identities

KILLS = 50
EVENTS = 40


def kill_when(program, rng, moments, timeout_s=1):
    """Kills it at a logged moment, or at any time before."""
    event, nth = rng.choice(moments), rng.randrange(1, 6)
    deadline = rng.choice([0.0, 0.005, 0.02, timeout_s, timeout_s])  # of which the short ones cut it off wherever it is
    with program.changed:
        program.changed.wait_for(lambda: sum(l["event"] == event for l in program.lines) >= nth or program.process.poll() is not None, deadline)
    program.process.send_signal(signal.SIGKILL)
    program.process.wait()


def kill_when_it_grows(program, path, timeout_s=1):
    """Kills it while it waits for the disk, between a row and what says that it is there."""
    def size():
        return os.path.getsize(path) if os.path.exists(path) else 0
    before, end = size(), time.monotonic() + timeout_s
    while size() == before and time.monotonic() < end:
        pass
    program.process.send_signal(signal.SIGKILL)
    program.process.wait()


def total(metrics, name):
    return sum(value for key, value in metrics.items() if key.startswith(name))


def nothing_read_is_lost_or_sent_twice_over_fifty_kills():
    rng = random.Random(20261125)
    with AdapterStage() as stage:
        stage.start_broker()
        stage.adapter("in", "bench-in")
        states, number = set(), 0
        for kill in range(KILLS):
            rows = []
            for _ in range(rng.randrange(1, 300)):
                number += 1
                rows.append(stage.alert(number))
            # Some rows stand twice, as they were and as they were corrected; and some of the file before come again.
            for row in rng.sample(rows, min(3, len(rows))):
                rows.append(dict(row, texts=[{"language": "es-MX", "headline": f"corrected {kill}"}]))
            states |= {(row["identifier"], row["texts"][0]["headline"]) for row in rows}
            stage.export("in", f"export-{kill:03}.ndjson", rows)
            kill_when(stage.run_adapter("in"), rng, ["adapter.started", "session.up", "event.answered", "event.answered", "file.done"])
            # A file that is taken again as a whole, also by an adapter that never saw it through, says nothing new.
            if kill % 10 == 9:
                stage.export("in", f"export-{kill:03}-again.ndjson", rows)
        last = stage.run_adapter("in", "--once")
        assert last.process.wait(120) == 0, last.raw[-5:]
        assert os.listdir(stage.path("adapters/in/inbox")) == [], "a file was left behind"
        metrics = stage.metrics()
        recorded = metrics['enlace_ingest_events_total{agency="bench-in",outcome="recorded"}']
        assert recorded == len(states), f"{len(states)} states of rows, {recorded} events"
        assert metrics['enlace_subscription_matched_total{subscription="bench"}'] == len(states)
        identities(metrics)
        assert not os.path.exists(stage.path("adapters/in/rejects")), "a good row was set aside"
        print(f"        {len(states)} states of {number} rows over {KILLS} kills, each recorded once")


def publish(stage, count):
    bus = stage.bus("bench-in")
    bus.hello("publisher")
    answers = bus.publish_wait(*[stage.event(bus, n, case=f"case-{n}") for n in range(count)])
    assert all(a["verdict"] == "RECORDED" for a in answers), answers
    bus.close()


def everything_is_taken(stage, count):
    def ended():
        metrics = stage.metrics()
        return metrics['enlace_delivery_events_total{subscription="bench",outcome="taken"}'] == count and metrics
    metrics = wait_until(ended, f"{count} deliveries are taken", 60)
    identities(metrics)
    assert metrics['enlace_delivery_events_total{subscription="bench",outcome="dead"}'] == 0


def what_was_posted_and_answered_is_not_posted_again_over_kills():
    rng = random.Random(7)
    settled = set()  # ids whose settlement was logged before a kill

    def answer(request, _):
        if rng.random() < 0.15:
            return  # posted, and no answer: the adapter is killed meanwhile, or asks again
        reply(request, 201, b'{"id": "R-1"}')

    with AdapterStage() as stage, Service(answer) as service:
        stage.start_broker()
        publish(stage, EVENTS)
        stage.adapter("out", "bench-out", "http", {"post_to": service.url, "reference_from": "id", "timeout": "2 s"})
        for _ in range(25):
            before = len(service.keys)
            program = stage.run_adapter("out")
            kill_when(program, rng, ["session.up", "delivery.settled", "delivery.settled"])
            program.stop()
            again = settled & set(service.keys[before:])
            assert not again, f"posted again after the answer was kept: {again}"
            settled.update(l["id"] for l in program.seen("delivery.settled", outcome=1))
        stage.run_adapter("out")
        everything_is_taken(stage, EVENTS)
        assert len(set(service.keys)) == EVENTS, "each event under one key"
        assert settled, "no kill came after a settlement"
        print(f"        {EVENTS} events in {len(service.keys)} requests over 25 kills; {len(settled)} settled before a kill, none of them posted again")


def every_delivery_becomes_one_file_over_kills():
    rng = random.Random(11)
    with AdapterStage() as stage:
        stage.start_broker()
        publish(stage, EVENTS)
        stage.adapter("out", "bench-out")
        for _ in range(25):
            kill_when(stage.run_adapter("out"), rng, ["adapter.started", "session.up", "delivery.settled"])
        stage.run_adapter("out")
        everything_is_taken(stage, EVENTS)
        assert len(stage.out("out")) == EVENTS, stage.out("out")
        left = [n for n in os.listdir(stage.path("adapters/out/out")) if n.endswith(".tmp")]
        print(f"        {EVENTS} files over 25 kills, {len(left)} unfinished ones that nobody reads")


ROW_MAPPING = """mapping: alert-to-row
from: enlace.v1.Alert
to: inm.v1.EstadoCanalizacion
owner: the tests
set:
  folio_acta: identifier
  estado: {is: ENVIADA}
unused: {%s}
"""
NOT_IN_A_ROW = ("sender", "sent", "status", "message_type", "scope", "restriction", "references", "event_code", "urgency", "severity", "certainty", "texts",
                "expires", "area", "person", "legal_basis", "referral_id")


def every_delivery_becomes_one_row_over_kills():
    rng = random.Random(13)
    with AdapterStage() as stage:
        stage.write("config/mappings/alert-to-row.yaml", ROW_MAPPING % ", ".join(f'{field}: "no column"' for field in NOT_IN_A_ROW))
        stage.edit("config/subscriptions/bench.yaml", "^as:.*$", "as: inm.v1.EstadoCanalizacion")
        stage.start_broker()
        publish(stage, EVENTS)
        stage.adapter("out", "bench-out", options={"out": "out", "format": "csv", "mode": "append", "name": "rows.csv"})
        stage.edit("adapters/out/adapter.yaml", "enlace.binpb", "inm.binpb")
        programs, path = [stage.run_adapter("out")], stage.path("adapters/out/out/rows.csv")
        for kill in range(25):
            if kill % 2:
                kill_when(programs[-1], rng, ["adapter.started", "session.up", "delivery.settled"])
            else:
                kill_when_it_grows(programs[-1], path)
            programs.append(stage.run_adapter("out"))
        everything_is_taken(stage, EVENTS)
        known = sum(len(program.seen("file.row_known")) for program in programs)
        with open(path, encoding="utf-8") as file:
            rows = file.read().splitlines()
        assert sorted(rows[1:]) == sorted(f"A-{n},,ENVIADA,,,," for n in range(EVENTS)), rows
        print(f"        {EVENTS} rows over 25 kills, each once; {known} were there when they came again")


if __name__ == "__main__":
    run_tests([nothing_read_is_lost_or_sent_twice_over_fifty_kills, what_was_posted_and_answered_is_not_posted_again_over_kills,
               every_delivery_becomes_one_file_over_kills, every_delivery_becomes_one_row_over_kills])
