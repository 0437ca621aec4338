#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A file system that is really full, under the broker and under an adapter: whoever is refused hears it with a code, nothing that was acknowledged is
lost, and all of it goes on by itself when there is room. The small disks are tmpfs mounts that this process alone sees."""
import ctypes
import json
import os
import signal

from plain_adapter import AdapterStage
from stage import PLAIN_USER, run_tests, wait_until
from test_crash import identities

CLONE_NEWNS, CLONE_NEWUSER, MS_REC, MS_PRIVATE = 0x00020000, 0x10000000, 0x4000, 0x40000
LIBC = ctypes.CDLL(None, use_errno=True)


def may_mount():
    """Takes mounts of our own, as root or in a user namespace; before any thread. False where this machine does not let us."""
    user, group = os.geteuid(), os.getegid()
    if LIBC.unshare(CLONE_NEWNS | (0 if user == 0 else CLONE_NEWUSER)) != 0:
        return False
    try:
        if user != 0:
            for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
                with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                    file.write(text)
    except OSError:
        return False
    return LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0


def small_disk(stage, name, size):
    path = stage.path(name)
    os.makedirs(path, exist_ok=True)
    assert LIBC.mount(b"tmpfs", path.encode(), b"tmpfs", 0, f"size={size},mode=755".encode()) == 0, os.strerror(ctypes.get_errno())
    stage.give_away()
    return path


def fill(path):
    """Somebody else fills the disk; returns the file that takes the room."""
    ballast = os.path.join(path, "somebody-else")
    with open(ballast, "wb", buffering=0) as file:
        block = b"\0" * 65536
        while block:
            try:
                file.write(block)
            except OSError:
                block = block[:len(block) // 2]
    assert os.statvfs(path).f_bavail * os.statvfs(path).f_frsize == 0
    return ballast


def publish_until_refused(stage, bus, recorded):
    """Numbers that were recorded go into the set; returns the answer that refused one."""
    for number in range(max(recorded, default=0) + 1, 100000):
        answer = bus.publish_wait(stage.event(bus, number, text="x" * 100000))[0]
        if answer["verdict"] == "BUSY":
            return answer
        assert answer["verdict"] == "RECORDED", answer
        recorded.add(number)
    raise AssertionError("the disk is never full")


def read_all(stage, count):
    """Reads and settles that many; returns their numbers, each of which came once."""
    reader = stage.bus("bench-out")
    reader.hello("reader", ["bench"], window=64)
    seen = set()
    while len(seen) < count:
        for delivery in reader.deliveries(1):
            number = int(delivery["event"]["data"]["identifier"][2:])
            assert number not in seen, f"{number} came twice"
            seen.add(number)
            reader.settle_wait("bench", [delivery["number"]])
    reader.close()
    return seen


def a_broker_on_a_full_disk_refuses_loses_nothing_and_recovers_by_itself():
    with AdapterStage() as stage:
        small_disk(stage, "journal", "256m") # two steps and the reserve go to the journal; what the ballast gives back must be more than the reserve
        stage.start_broker()
        bus = stage.bus("bench-in")
        bus.hello("publisher")
        recorded = set()
        assert bus.publish_wait(stage.event(bus, 1))[0]["verdict"] == "RECORDED"
        recorded.add(1)
        ballast = fill(stage.path("journal"))

        busy = publish_until_refused(stage, bus, recorded)
        assert busy["code"] == "disk_full" and int(busy["retryAfterMs"]) > 0, busy
        stage.broker.wait("alarm.disk_full")
        status, body = stage.http("/readyz")
        assert status == 200 and json.loads(body)["status"] == "degraded", (status, body)
        assert [c for c in json.loads(body)["checks"] if not c["ok"]] == [{"check": "space", "ok": False, "code": "disk_full"}], body
        assert stage.http("/livez")[0] == 200
        assert stage.metrics()["enlace_journal_free_bytes"] < 4 * 256 * 1024

        # Deliveries go on, and their settlements are written into the reserve.
        before = set(recorded)
        assert read_all(stage, len(before)) == before
        identities(stage.metrics())

        # What was acknowledged survives a kill on the full disk.
        stage.broker.kill()
        stage.start_broker()
        metrics = stage.metrics()
        assert metrics['enlace_delivery_events_total{subscription="bench",outcome="taken"}'] == len(before), "settlements were lost"
        identities(metrics)
        bus.close()

        # Room: it goes on without anybody's help.
        again = stage.bus("bench-in")
        assert int(again.hello("publisher")["lastSequence"]) == len(before)
        assert publish_until_refused(stage, again, set(recorded))["code"] == "disk_full"
        os.unlink(ballast)
        number = max(recorded) + 1
        stage.broker.wait("alarm.disk_full")
        stage.broker.wait("alarm.disk_full.over")
        again.close()
        fresh = stage.bus("bench-in")
        fresh.hello("publisher")
        assert fresh.publish_wait(stage.event(fresh, number, text="x" * 100000))[0]["verdict"] == "RECORDED"
        assert json.loads(stage.http("/readyz")[1])["status"] == "ok"
        assert read_all(stage, 1) == {number}
        identities(stage.metrics())
        fresh.close()
        print(f"        {len(recorded)} recorded before the disk was full, all of them delivered; then {number}")


def an_adapter_whose_spool_is_on_a_full_disk_waits_and_loses_nothing():
    with AdapterStage() as stage:
        stage.start_broker()
        disk = small_disk(stage, "adapters/in/disk", "1m")
        stage.adapter("in", "bench-in", spool="disk/spool", limit="64 MiB")
        stage.broker.stop()  # so that the spool fills
        program = stage.run_adapter("in")
        program.wait("adapter.started")
        rows = [stage.alert(n, "y" * 4000) for n in range(600)]  # more than the disk holds
        stage.export("in", "large.ndjson", rows)
        full = program.wait("spool.full")
        assert full["level"] == "warn" and full["spooled"] > 0 and full["remedy"], full
        assert os.path.exists(stage.path("adapters/in/inbox/large.ndjson")), "the file must stay until all of it is spooled"
        assert program.process.poll() is None, "it ended"
        assert len(program.seen("spool.full")) == 1, "told more than once"

        # A kill on the full disk; then the broker comes back and takes what was spooled, which makes room for the rest.
        program.process.send_signal(signal.SIGKILL)
        program.process.wait()
        stage.start_broker()
        last = stage.run_adapter("in", "--once")
        assert last.process.wait(120) == 0, last.raw[-5:]
        assert os.listdir(stage.path("adapters/in/inbox")) == []
        assert stage.metrics()['enlace_ingest_events_total{agency="bench-in",outcome="recorded"}'] == len(rows)
        identities(stage.metrics())
        assert disk


def an_out_folder_on_a_full_disk_gets_the_delivery_when_there_is_room():
    with AdapterStage() as stage:
        stage.start_broker()
        disk = small_disk(stage, "adapters/out/disk", "256k")
        stage.adapter("out", "bench-out", options={"out": "disk/out", "format": "json"})
        ballast = fill(disk)
        program = stage.run_adapter("out")
        bus = stage.bus("bench-in")
        bus.hello()
        assert bus.publish_wait(stage.event(bus, 1, text="z" * 5000))[0]["verdict"] == "RECORDED"
        program.wait("file.unwritable")
        program.wait("delivery.settled", outcome=2, code="disk")
        assert stage.out("out", "disk/out") == []
        os.unlink(ballast)
        program.wait("delivery.settled", outcome=1)
        assert len(stage.out("out", "disk/out")) == 1
        wait_until(lambda: stage.metrics()['enlace_subscription_pending_events{subscription="bench"}'] == 0, "it is settled")
        bus.close()


TESTS = [a_broker_on_a_full_disk_refuses_loses_nothing_and_recovers_by_itself, an_adapter_whose_spool_is_on_a_full_disk_waits_and_loses_nothing,
         an_out_folder_on_a_full_disk_gets_the_delivery_when_there_is_room]

if __name__ == "__main__":
    if may_mount():
        run_tests(TESTS)
    else:
        print(f"{len(TESTS)} tests skipped: this user may mount no small disk. RLIMIT_FSIZE stands for it in journal/test_store_lmdb and sdk/test_submit.")
        run_tests([])
