#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What adapter.yaml promises of an adapter: a full spool, an export that stopped, complete files, folders without rights."""
import json
import os

from plain_adapter import AdapterStage
from stage import PLAIN_USER, run_tests, wait_until

TAKEN, LATER = 1, 2


# ---- spool: limit and what happens when it is full; alarm_if: nothing came -----------------------------------------------------------

def fill_spool(stage, when_full):
    """An adapter whose spool is smaller than what its system exports, while the broker is away."""
    stage.start_broker()
    stage.adapter("in", "bench-in", limit="64 KiB", when_full=when_full)
    stage.broker.stop()
    program = stage.run_adapter("in")
    program.wait("adapter.started")
    rows = [stage.alert(n, "x" * 1000) for n in range(200)]
    stage.export("in", "large.ndjson", rows)
    return program, rows, program.wait("spool.full")


def a_full_spool_that_refuses_waits_and_goes_on():
    with AdapterStage() as stage:
        program, rows, full = fill_spool(stage, "refuse")
        assert full["level"] == "warn" and full["bytes"] <= 64 * 1024 and full["remedy"], full
        assert program.process.poll() is None
        stage.start_broker()
        program.wait("spool.room")
        done = program.wait("file.done", file="large.ndjson")
        assert int(done["new"]) == len(rows), done
        wait_until(lambda: stage.metrics().get('enlace_ingest_events_total{agency="bench-in",outcome="recorded"}') == len(rows), "all are recorded")


def a_full_spool_that_stops_ends_with_75_and_loses_nothing():
    with AdapterStage() as stage:
        program, rows, full = fill_spool(stage, "stop")
        assert full["level"] == "error", full
        assert program.process.wait(30) == 75
        assert os.path.exists(stage.path("adapters/in/inbox/large.ndjson"))
        # Started again by its supervisor: the broker is back and takes what is there, so there is no reason to stop.
        stage.start_broker()
        assert stage.run_adapter("in", "--once").process.wait(60) == 0
        assert stage.metrics()['enlace_ingest_events_total{agency="bench-in",outcome="recorded"}'] == len(rows)


def nothing_came_is_an_alarm_until_something_does():
    with AdapterStage() as stage:
        stage.start_broker()
        stage.adapter("in", "bench-in", alarm="alarm_if: {nothing_came: 1 s}")
        program = stage.run_adapter("in")
        alarm = program.wait("alarm.nothing_came")
        assert alarm["level"] == "error" and alarm["remedy"] and alarm["since_ms"] > 0, alarm
        stage.export("in", "late.ndjson", [stage.alert(1)])
        program.wait("alarm.cleared")
        program.wait("alarm.nothing_came", after=program.lines.index(program.wait("alarm.cleared")))
        # The same record again is a sign of life too: the export runs.
        before = program.count()
        stage.export("in", "same.ndjson", [stage.alert(1)])
        program.wait("alarm.cleared", after=before)


def once_waits_for_a_file_that_is_not_yet_complete():
    with AdapterStage() as stage:
        stage.start_broker()
        stage.adapter("in", "bench-in", options={"in": "inbox", "done": "done", "format": "ndjson", "stable_for": "1 s"})
        stage.export("in", "export.ndjson", [stage.alert(1)])
        program = stage.run_adapter("in", "--once")
        assert program.process.wait(30) == 0
        assert program.seen("event.answered", verdict="recorded"), program.raw


def a_file_is_taken_only_when_it_is_complete():
    with AdapterStage() as stage:
        stage.start_broker()
        stage.adapter("in", "bench-in", options={"in": "inbox", "done": "done", "format": "ndjson", "marker": ".ready"})
        program = stage.run_adapter("in")
        program.wait("session.up")
        lines = [json.dumps(stage.alert(n)) + "\n" for n in range(3)]
        stage.export("in", "first.ndjson", [])  # so that the folder is there
        path = stage.path("adapters/in/inbox/export.ndjson")
        stage.write(path, "".join(lines[:2]) + lines[2][:20])  # half of a row
        stage.give_away()
        stage.write(stage.path("adapters/in/inbox/first.ndjson.ready"), "")
        program.wait("file.done", file="first.ndjson")  # it looked, and left the other one
        assert not program.seen("event.answered") and not program.seen("record.rejected"), program.raw
        program.kill()
        again = stage.run_adapter("in")  # nor does one that was started meanwhile
        again.wait("session.up")
        stage.write(path, "".join(lines))
        stage.write(path + ".ready", "")
        stage.give_away()
        done = again.wait("file.done", file="export.ndjson")
        assert (done["rows"], done["new"], done["rejected"]) == ("3", "3", "0"), done


def a_file_that_cannot_be_taken_is_taken_once_its_rights_are_mended():
    if not PLAIN_USER:
        print("        with this user's own rights alone")
    with AdapterStage() as stage:
        stage.start_broker()
        stage.adapter("in", "bench-in")
        stage.export("in", "locked.ndjson", [stage.alert(1)], folder="elsewhere")
        locked = stage.path("adapters/in/elsewhere/locked.ndjson")
        os.chmod(locked, 0)
        os.makedirs(stage.path("adapters/in/inbox"), exist_ok=True)
        os.rename(locked, stage.path("adapters/in/inbox/locked.ndjson"))
        program = stage.run_adapter("in")
        left = program.wait("file.left")
        assert left["code"] == "unreadable" and left["file"] == "locked.ndjson", left
        os.chmod(stage.path("adapters/in/inbox/locked.ndjson"), 0o600)
        program.wait("file.done", file="locked.ndjson")
        assert len(program.seen("file.left")) == 1, "told more than once"


# ---- an out folder that cannot be written ------------------------------------------------------------------------------------------------

def an_out_folder_that_cannot_be_written_gets_it_later():
    with AdapterStage() as stage:
        stage.start_broker()
        stage.adapter("out", "bench-out")
        os.makedirs(stage.path("adapters/out/out"))
        stage.give_away()
        os.chmod(stage.path("adapters/out/out"), 0o500)
        program = stage.run_adapter("out")
        stage.publish()
        told = program.wait("file.unwritable")
        assert told["level"] == "error", told
        program.wait("delivery.settled", outcome=LATER, code="disk")
        os.chmod(stage.path("adapters/out/out"), 0o700)
        program.wait("delivery.settled", outcome=TAKEN)
        assert len(stage.out("out")) == 1


def a_row_that_is_not_in_the_encoding_is_set_aside_and_the_others_go_on():
    with AdapterStage() as stage:
        stage.start_broker()
        stage.adapter("in", "bench-in")
        stage.export("in", "first.ndjson", [])
        rows = [json.dumps(stage.alert(1)).encode(), json.dumps(stage.alert(2, "MU?OZ")).encode().replace(b"?", b"\xd1"), json.dumps(stage.alert(3)).encode()]
        with open(stage.path("adapters/in/inbox/.export"), "wb") as file:
            file.write(b"\n".join(rows) + b"\n")
        stage.give_away()
        os.rename(stage.path("adapters/in/inbox/.export"), stage.path("adapters/in/inbox/latin.ndjson"))
        program = stage.run_adapter("in")
        done = program.wait("file.done", file="latin.ndjson")
        assert (done["new"], done["rejected"]) == ("2", "1"), done
        told = program.wait("record.rejected", origin="latin.ndjson")
        assert told["line"] == 2 and told["code"] == "not_utf8", told


if __name__ == "__main__":
    run_tests([value for value in list(globals().values()) if callable(value) and getattr(value, "__module__", "") == "__main__"
               and value.__name__ not in ("fill_spool")])
