#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Doctor's checks, one after the other: each is made to fail, and says its cause and what to do."""
import os
import threading
import time

import zmq

from bus import read_cert

from plain_adapter import AdapterStage
from stage import run_tests, wait_until
from test_full_disk import fill, may_mount, small_disk

WHO = {"in": "bench-in", "out": "bench-out"}


def check_of(stage, adapter, name, index=0):
    code, checks = stage.doctor(adapter)
    found = [c for c in checks if c["check"] == name]
    assert len(found) > index, (name, checks)
    assert all(c["cause"] and (c["remedy"] or c["state"] == "ok") for c in checks if c["state"] != "skipped"), checks
    return code, found[index]


def expect(stage, adapter, name, state, cause, remedy, index=0):
    code, check = check_of(stage, adapter, name, index)
    assert check["state"] == state, check
    assert cause in check["cause"] and remedy in check["remedy"], check
    assert code == (1 if state == "failed" else 0), (code, check)


def staged(adapter="in", **options):
    stage = AdapterStage()
    stage.start_broker()
    stage.adapter(adapter, WHO[adapter], **options)
    return stage


def everything_is_well_with_a_good_adapter():
    with staged() as stage:
        stage.write("adapters/in/sample.ndjson", '{"identifier": "A-1", "scope": "RESTRICTED"}\n')
        stage.adapter("in", "bench-in", options={"in": "inbox", "done": "done", "format": "ndjson", "sample": "sample.ndjson"})
        stage.adapter("out", "bench-out")
        for name in WHO:
            code, checks = stage.doctor(name)
            assert code == 0 and all(c["state"] == "ok" for c in checks), checks
            names = [c["check"] for c in checks]
            assert names[:6] == ["settings", "own key", "network", "broker key", "enrolment", "clock"], names
        assert "subscription" in names and "spool" in names and "out folder" in names, names


def settings_with_an_error():
    with staged() as stage:
        stage.edit("adapters/in/adapter.yaml", r"^agency:", "agenzy:")
        expect(stage, "in", "settings", "failed", "adapter.yaml", "findings above")


def ended(stage, code):
    """The adapter that delivers, once it ended with that code, with all that it said."""
    program = stage.run_adapter("out")
    assert program.process.wait(20) == code
    for reader in program.readers:
        reader.join()
    return program


def two_entries_that_write_to_one_place():
    append = "connector: file, options: {out: out, mode: append, name: "
    with staged("out") as stage:
        text = open(stage.path("adapters/out/adapter.yaml"), encoding="utf-8").read().split("deliver:")[0] + "deliver:\n"
        first, second = (f"  - {{subscription: {name}, {append}a.csv}}}}\n" for name in ("bench", "other"))
        for entries, place in ((first + second, ":9:"), (first + first.replace("a.csv", "b.csv"), ":9:"),
                               (first.replace("append, name: a.csv", "one_file_each") + second.replace("append, name: a.csv", "one_file_each"), ":9:")):
            stage.write("adapters/out/adapter.yaml", text + entries)
            words = "\n".join(ended(stage, 78).raw)
            assert "E0109" in words and f"adapter.yaml{place}" in words and "help: " in words, words
            expect(stage, "out", "settings", "failed", "adapter.yaml", "findings above")
        # However the folder is spelt, and before it is there.
        os.symlink(".", stage.path("adapters/out/here"))
        for spelt in ("out/", "./out", ".//out/.", "here/out", stage.path("adapters/out/out"), "link"):
            if spelt == "link":
                os.makedirs(stage.path("adapters/out/out"), exist_ok=True)
                os.symlink("out", stage.path("adapters/out/link"))
            stage.write("adapters/out/adapter.yaml", text + first + second.replace("out: out", f"out: {spelt}"))
            assert "E0109" in "\n".join(ended(stage, 78).raw), spelt
        stage.write("adapters/out/adapter.yaml", text + first + second.replace("a.csv", "b.csv"))
        assert check_of(stage, "out", "settings")[1]["state"] == "ok"
        stage.write("adapters/out/adapter.yaml", text + first + second.replace("out: out", "out: out2"))
        assert check_of(stage, "out", "settings")[1]["state"] == "ok"


def a_schema_that_is_not_there():
    with staged() as stage:
        stage.edit("adapters/in/adapter.yaml", r"^schema:.*$", "schema: nowhere.binpb")
        expect(stage, "in", "settings", "failed", "schema", "findings above")


def an_own_key_that_others_can_read():
    with staged() as stage:
        os.chmod(stage.path("secrets/bench-in.cert_secret"), 0o640)
        expect(stage, "in", "own key", "failed", "others can read", "chmod 600")


def an_own_key_that_is_not_there():
    with staged() as stage:
        os.unlink(stage.path("secrets/bench-in.cert_secret"))
        expect(stage, "in", "own key", "failed", "cannot be read", "enlace keys new")


def a_broker_key_that_is_not_there():
    with staged() as stage:
        stage.edit("adapters/in/adapter.yaml", r'key: "[^"]*broker.cert"', "key: nowhere.cert")
        expect(stage, "in", "broker key", "failed", "cannot be read", "operator")


def a_broker_with_another_key():
    with staged() as stage:
        stage.enlace("keys", "new", "--out", stage.path("secrets/other.cert"))
        stage.edit("adapters/in/adapter.yaml", r'key: "[^"]*broker.cert"', f'key: "{stage.path("secrets/other.cert")}"')
        expect(stage, "in", "broker key", "failed", "does not have the key", "do not go on")


def a_broker_that_does_not_run():
    with staged() as stage:
        stage.broker.stop()
        expect(stage, "in", "network", "failed", "no TCP connection", "firewall")


def a_key_that_nobody_enrolled():
    with staged() as stage:
        stage.enlace("keys", "new", "--agency", "bench-in", "--out", stage.path("secrets/unknown.cert"))
        stage.edit("adapters/in/adapter.yaml", r'^key:.*$', f'key: "{stage.path("secrets/unknown.cert_secret")}"')
        expect(stage, "in", "enrolment", "failed", "does not know our key", "agency add")


def varint(number):
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


class WrongClock:
    """A broker with the real one's key that says WELCOME with a time of its own."""

    def __init__(self, cert, skew_ms):
        self.socket = zmq.Context.instance().socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.curve_server = True
        self.socket.curve_publickey, self.socket.curve_secretkey = read_cert(cert)
        self.endpoint = f"tcp://127.0.0.1:{self.socket.bind_to_random_port('tcp://127.0.0.1')}"
        self.skew_ms, self.is_over = skew_ms, False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while not self.is_over:
            if self.socket.poll(20):
                peer, frame = self.socket.recv_multipart()
                if frame[:4] == b"EN1\x01":  # HELLO: epoch, greatest frame, heartbeat, the time
                    fields = {1: 1, 3: 1 << 20, 6: 5000, 11: int(time.time() * 1000) + self.skew_ms}
                    self.socket.send_multipart([peer, b"EN1\x02" + b"".join(varint(number << 3) + varint(value) for number, value in fields.items())])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.thread.join()
        self.socket.close(0)


def a_clock_that_is_wrong():
    with staged() as stage:
        expect(stage, "in", "clock", "ok", "the broker's clock is ", "")
        for skew_ms, word in ((10000, "ahead of"), (-10000, "behind")):
            with WrongClock(stage.path("secrets/broker.cert_secret"), skew_ms) as broker:
                stage.edit("adapters/in/adapter.yaml", r'endpoint: "[^"]*"', f'endpoint: "{broker.endpoint}"')
                expect(stage, "in", "clock", "warning", word, "chrony")


def a_subscription_that_the_broker_does_not_have():
    with staged("out") as stage:
        expect(stage, "out", "subscription", "ok", "bench: 0 wait", "")
        stage.edit("adapters/out/adapter.yaml", "subscription: bench", "subscription: bensch")
        expect(stage, "out", "subscription", "failed", "no subscription bensch", "deliver:")


def a_subscription_whose_deliveries_died():
    with staged("out") as stage:
        bus, reader = stage.bus("bench-in"), stage.bus("bench-out")
        bus.hello()
        bus.publish_wait(stage.event(bus, 1), stage.event(bus, 2))
        reader.hello("reader", ["bench"])
        reader.settle_wait("bench", [reader.deliveries(1)[0]["number"]], "UNUSABLE", code="odd")
        wait_until(lambda: stage.metrics()["enlace_dead_letters"] == 1, "a dead letter")
        expect(stage, "out", "subscription", "warning", "1 came to no end", "dead letters")
        bus.close()
        reader.close()


def a_spool_folder_that_cannot_be_used():
    with staged() as stage:
        os.makedirs(stage.path("adapters/in/spool"))
        stage.give_away()
        os.chmod(stage.path("adapters/in/spool"), 0o500)
        expect(stage, "in", "spool", "failed", "cannot be used", "writable by this user")


def a_spool_that_was_damaged():
    with AdapterStage() as stage:
        stage.start_broker()
        stage.adapter("in", "bench-in")
        stage.broker.stop()
        stage.export("in", "rows.ndjson", [stage.alert(n) for n in range(3)])
        program = stage.run_adapter("in")
        program.wait("file.done")
        program.stop()
        path = stage.path("adapters/in/spool/spool-0000000000000001")
        with open(path, "r+b") as segment:  # in the second of three entries
            segment.seek(os.path.getsize(path) // 2)
            byte = segment.read(1)
            segment.seek(-1, os.SEEK_CUR)
            segment.write(bytes([byte[0] ^ 1]))
        program = stage.run_adapter("in")
        program.wait("spool.damaged")
        assert program.wait("adapter.started")["spooled"] == 2
        program.stop()
        _, check = check_of(stage, "in", "spool damage")  # the broker is away
        assert check["state"] == "warning" and check["cause"].endswith(": 1") and "same_row: send" in check["remedy"], check


def a_spool_that_is_nearly_full():
    with AdapterStage() as stage:
        stage.start_broker()
        stage.adapter("in", "bench-in", limit="64 KiB")
        stage.broker.stop()
        program = stage.run_adapter("in")
        stage.export("in", "large.ndjson", [stage.alert(n, "x" * 1000) for n in range(200)])
        program.wait("spool.full")
        code, check = check_of(stage, "in", "spool")
        assert check["state"] == "warning" and "nearly full" in check["cause"] and "broker" in check["remedy"], check
        assert code == 1, "the broker is away"


def a_spool_on_a_disk_without_room():
    if not MAY_MOUNT:
        print("        skipped: this user may mount no small disk")
        return
    with AdapterStage() as stage:
        stage.start_broker()
        fill(small_disk(stage, "adapters/in/disk", "1m"))
        os.makedirs(stage.path("adapters/in/disk/spool"))
        stage.adapter("in", "bench-in", spool="disk/spool")
        expect(stage, "in", "spool", "warning", "KiB used", "")


def folders_without_rights():
    with staged() as stage:
        stage.export("in", "waits.ndjson", [stage.alert(1)])
        os.makedirs(stage.path("adapters/in/done"))
        os.makedirs(stage.path("adapters/in/rejects"))
        stage.adapter("out", "bench-out")
        os.makedirs(stage.path("adapters/out/out"))
        stage.give_away()
        for adapter, folder, name in (("in", "inbox", "in folder"), ("in", "done", "done folder"), ("in", "rejects", "rejects folder"), ("out", "out", "out folder")):
            path = stage.path("adapters", adapter, folder)
            os.chmod(path, 0o500)
            expect(stage, adapter, name, "failed", "", "")
            assert check_of(stage, adapter, name)[1]["remedy"]
            os.chmod(path, 0o700)
            expect(stage, adapter, name, "ok", "", "")


def a_sample_record_that_does_not_fit():
    with staged() as stage:
        expect(stage, "in", "sample record", "warning", "no file waits", "sample")
        stage.export("in", "waits.ndjson", [dict(stage.alert(1), nobody="SECRETVALUE")])
        expect(stage, "in", "sample record", "failed", "nobody", "columns:")
        assert "SECRETVALUE" not in str(stage.doctor("in")), "a value of a record"
        assert os.listdir(stage.path("adapters/in/inbox")) == ["waits.ndjson"]


def a_service_that_does_not_answer():
    with staged("out", connector="http", options={"post_to": "http://127.0.0.1:1/cases"}) as stage:
        expect(stage, "out", "service", "failed", "post_to", "URL")


MAY_MOUNT = False

if __name__ == "__main__":
    MAY_MOUNT = may_mount()  # before there is a thread
    run_tests([value for value in list(globals().values()) if callable(value) and getattr(value, "__module__", "") == "__main__"
               and value.__name__ not in ("check_of", "ended", "expect", "staged", "varint", "WrongClock")])
