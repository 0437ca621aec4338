#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever is wrong gets a clear answer with its place and a code, nothing crashes and nothing else is lost."""
import json
import os
import signal
import socket

from bench_stage import PlainStage
from bus import Bus, Gone
from stage import run_tests, wait_until


def still_works(stage, number=[1000]):
    """A good event from a fresh client is recorded and delivered: the broker is alive and nothing else was lost."""
    number[0] += 1
    bus = stage.bus("bench-in")
    bus.hello(f"good-{number[0]}")
    answer = bus.publish_wait(stage.event(bus, number[0]))[0]
    assert answer["verdict"] == "RECORDED", answer
    bus.close()
    assert stage.broker.process.poll() is None, "the broker ended"


def with_broker(check):
    with PlainStage() as stage:
        stage.start_broker()
        check(stage)
        still_works(stage)


def a_wrong_key_gets_no_session_and_one_audit_line():
    def check(stage):
        stage.enlace("keys", "new", "--agency", "bench-in", "--out", stage.path("secrets/stranger.cert"))
        bus = stage.bus("stranger")
        bus.send("HELLO", {"client": "x"})
        assert bus.receive(1.0) is None, "a stranger was answered"
        line = stage.broker.wait("audit.key_refused")
        assert line["address"] == "127.0.0.1" and line["fingerprint"] and line["remedy"], line
        bus.close()
        still_works(stage)
        assert len(stage.broker.seen("audit.key_refused")) == 1, "one knock, one line"
        assert not stage.broker.seen("session.open", client="x"), "a stranger has a session"
    with_broker(check)


def an_unknown_type_is_refused_with_its_code():
    def check(stage):
        bus = stage.bus("bench-in")
        bus.hello()
        event = stage.event(bus, 1)
        event["type"] = "enlace.v1.Nothing"
        answer = bus.publish_wait(event)[0]
        assert (answer["verdict"], answer["code"], answer["field"]) == ("REFUSED", "not_permitted", "type"), answer
        bus.close()
    with_broker(check)


def a_wrong_value_names_its_field_and_never_itself():
    def check(stage):
        bus = stage.bus("bench-in")
        bus.hello()
        event = stage.event(bus, 1)
        event["data"]["expires"] = {"ms": "SECRETVALUE"}
        answer = bus.publish_wait(event)[0]
        assert (answer["verdict"], answer["code"]) == ("REFUSED", "schema_invalid"), answer
        assert "expires" in answer["field"], answer
        assert "SECRETVALUE" not in json.dumps(answer)
        assert not any("SECRETVALUE" in line for line in stage.broker.raw), "a value in the log"
        bus.close()
    with_broker(check)


def an_unknown_enum_word_is_refused_at_its_path():
    def check(stage):
        bus = stage.bus("bench-in")
        bus.hello()
        event = stage.event(bus, 1)
        event["data"]["scope"] = "SOMETIMES"
        answer = bus.publish_wait(event)[0]
        assert (answer["verdict"], answer["code"], answer["field"]) == ("REFUSED", "schema_invalid", "scope"), answer
        bus.close()
    with_broker(check)


def hostile_frames_end_their_own_session_only():
    """Each is told what is wrong with it, and where that is known; what is no word of the protocol at all ends nothing (ENL-006)."""
    told = {b"": "bad_preamble", b"E": "bad_preamble", b"HTTP/1.1 GET": "bad_preamble", b"EN1": "bad_preamble", b"EX1\x03": "bad_preamble",
            b"EN1\x00": "unknown_kind", b"EN1\xff": "unknown_kind",
            b"EJ1\x03{": "malformed", b"EJ1\x03" + b"[" * 50000: "malformed", b'EJ1\x03{"events":' + b'{"a":' * 20000: "malformed",
            b"EN1\x03" + b"\x0a\xff\xff\xff\xff\x0f": "malformed at events", b"EN1\x03" + b"\x0b" * 5000: "malformed at events",
            b"EJ1\x01{\"client\":\"\xff\xfe\"}": "malformed", b"EN1\x01\x0a\x02\xff\xfe": "malformed at client"}

    def check(stage):
        for raw, wanted in told.items():
            bus = stage.bus("bench-in")
            bus.hello()
            bus.send_raw(raw)
            kind, body = bus.receive(10.0)
            said = body["code"] + (f" at {body['field']}" if "field" in body else "")
            assert (kind, said) == ("ERROR", wanted), (raw[:20], kind, body)
            bus.send("STATUS", {})
            after = bus.receive(10.0)
            assert after[0] == ("STATUS" if wanted == "unknown_kind" else "ERROR"), (raw[:20], after)
            bus.close()
    with_broker(check)


def a_nested_bomb_in_a_payload_is_refused():
    def check(stage):
        bus = stage.bus("bench-in")
        bus.hello()
        event = stage.event(bus, 1)
        inner = {"ms": 1}
        for _ in range(200):
            inner = {"sent": inner}
        event["data"]["sent"] = inner
        answer = bus.publish_wait(event)[0]
        assert (answer["verdict"], answer["code"], answer["field"]) == ("REFUSED", "schema_invalid", "sent.*"), answer
        bus.close()
    with_broker(check)


def an_event_at_the_limit_passes_and_one_past_it_does_not():
    def check(stage):
        bus = stage.bus("bench-in")
        bus.hello()
        small, large = stage.event(bus, 1, text="x" * 200000), stage.event(bus, 2, text="x" * 270000)
        answers = bus.publish_wait(small) + bus.publish_wait(large)
        assert answers[0]["verdict"] == "RECORDED", answers[0]
        assert (answers[1]["verdict"], answers[1]["code"]) == ("REFUSED", "oversize"), answers[1]
        bus.close()
    with_broker(check)


def a_frame_past_the_limit_never_reaches_the_broker():
    def check(stage):
        bus = stage.bus("bench-in")
        bus.hello()
        bus.send_raw(b"EJ1\x03" + b" " * (2 << 20))
        bus.close()
    with_broker(check)


def text_typed_into_the_port_is_harmless():
    def check(stage):
        host, port = stage.endpoint[6:].rsplit(":", 1)
        for data in (b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 4096, b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL" + b"\0" * 48):
            with socket.create_connection((host, int(port)), timeout=5) as raw:
                raw.sendall(data)
    with_broker(check)


def start_fails(stage, code, *words):
    program = stage.start_broker(wait=False)
    assert program.process.wait(20) == code, (program.process.returncode, program.raw)
    for reader in program.readers:
        reader.join(5)
    text = "\n".join(program.raw)
    for word in words:
        assert word in text, f"{word!r} is not in:\n{text}"


def a_yaml_file_with_an_unknown_key_stops_the_start_and_says_where():
    with PlainStage() as stage:
        stage.edit("config/routes/bench.yaml", r"^purpose:", "purpos:")
        start_fails(stage, 78, "bench.yaml:3:1", "E0103", "purpose")


def a_yaml_file_with_a_duplicate_key_stops_the_start_and_says_where():
    with PlainStage() as stage:
        stage.edit("config/agencies/bench-in.yaml", r"^kind: un$", "kind: un\nkind: un")
        start_fails(stage, 78, "bench-in.yaml:", "E0104")


def a_world_readable_secret_key_stops_the_start():
    with PlainStage() as stage:
        os.chmod(stage.path("secrets/broker.cert_secret"), 0o644)
        start_fails(stage, 78, "chmod 600")


def an_empty_policy_stops_the_start():
    with PlainStage() as stage:
        for folder in ("routes", "agreements", "subscriptions", "agencies"):
            for name in os.listdir(stage.path("config", folder)):
                os.unlink(stage.path("config", folder, name))
        start_fails(stage, 78)


def a_journal_that_cannot_be_written_stops_the_start():
    with PlainStage() as stage:
        stage.write("blocked", "a file where the folder should be")
        os.makedirs(stage.path("shut"))
        stage.give_away()
        os.chmod(stage.path("shut"), 0o500)
        for journal in ("blocked", "nowhere/journal", "shut", "shut/journal"):  # of which none is mended by another start
            stage.edit("config/enlace.yaml", r"^journal:.*$", f'journal: "{stage.path(journal)}"')
            start_fails(stage, 78, "start.journal", stage.path(journal))


def a_port_in_use_stops_the_start_and_names_it():
    with PlainStage() as stage, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        stage.edit("config/enlace.yaml", r"^listen:.*$", f'listen: "tcp://127.0.0.1:{port}"')
        start_fails(stage, 69, "start.listen", str(port))


def a_reload_with_errors_changes_nothing():
    with PlainStage() as stage:
        stage.start_broker()
        digest = stage.http("/version")[1]
        stage.edit("config/routes/bench.yaml", r"^purpose: bench", "purpose: [")
        import signal
        stage.broker.process.send_signal(signal.SIGHUP)
        stage.broker.wait("rules.refused")
        assert json.loads(stage.http("/version")[1])["rules"] == json.loads(digest)["rules"]
        still_works(stage)


def operators_come_and_go_and_leave_nothing():
    with PlainStage() as stage:
        stage.start_broker()
        for _ in range(8):
            assert stage.operator("status")["ok"]
        assert stage.metrics()["enlace_net_peers"] == 0, "each operator that asked has a number still"


def an_agreement_that_lapsed_is_one_line_of_the_log_at_start_and_at_a_reload():
    with PlainStage() as stage:
        stage.edit("config/agreements/bench.yaml", r"2099-12-31", "2020-12-31")
        stage.start_broker()
        assert stage.broker.wait("rules.warning")["code"] == "W0603"
        import signal
        before = stage.broker.count()
        stage.broker.process.send_signal(signal.SIGHUP)
        assert stage.broker.wait("rules.warning", after=before)["code"] == "W0603"
        stage.broker.wait("rules.reloaded")


def a_reload_gives_nobody_the_place_of_another():
    """Requests that stand behind a reload in the same turn: a key that is gone moves the others up in the table of keys."""
    with PlainStage() as stage:
        stage.start_broker()
        bus = Bus(f"ipc://{stage.path('operators.sock')}", stage.path("secrets/broker.cert"), stage.path("secrets/operations.cert_secret"))
        bus.send_raw(b'EJ1\x20{"verb":"status","id":"first"}')
        assert bus.socket.poll(10000) and json.loads(bus.socket.recv()[4:])["ok"]
        os.remove(stage.path("keys", sorted(name for name in os.listdir(stage.keys) if name != "operations.cert")[0]))
        stage.broker.process.send_signal(signal.SIGSTOP)
        for verb in ["reload"] + 40 * ["status"]:
            bus.send_raw(b"EJ1\x20" + json.dumps({"verb": verb, "id": verb}).encode())
        stage.broker.process.send_signal(signal.SIGCONT)
        for _ in range(41):
            assert bus.socket.poll(10000), "an answer is missing"
            answer = json.loads(bus.socket.recv()[4:])
            assert answer["ok"], answer
        bus.close()


def a_full_journal_answers_busy_and_goes_on_delivering():
    with PlainStage() as stage:
        with open(stage.path("config/enlace.yaml"), "a", encoding="utf-8") as file:
            file.write("limits: {journal_quota: 96 MiB}\n")
        stage.start_broker()
        bus = stage.bus("bench-in")
        bus.hello()
        busy = None
        for number in range(4000):
            answer = bus.publish_wait(stage.event(bus, number, text="x" * 100000))[0]
            if answer["verdict"] == "BUSY":
                busy = answer
                break
            assert answer["verdict"] == "RECORDED", answer
        assert busy and busy["code"] == "disk_full", busy
        reader = stage.bus("bench-out")
        reader.hello("reader", ["bench"], window=8)
        for _ in range(min(number, 20)):
            reader.settle("bench", [reader.deliveries(1)[0]["number"]])
        assert stage.http("/livez")[0] == 200
        wait_until(lambda: stage.metrics()['enlace_delivery_events_total{subscription="bench",outcome="taken"}'] > 0, "settling goes on")
        bus.close()
        reader.close()


if __name__ == "__main__":
    run_tests([value for value in list(globals().values()) if callable(value) and getattr(value, "__module__", "") == "__main__"
               and value.__name__ not in ("still_works", "with_broker", "start_fails")])
