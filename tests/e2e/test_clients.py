#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clients in another language, written from PROTOCOL.md alone, against the real daemon: publish, subscribe, settle, reconnect."""
import importlib
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients"))
# Debian's generated code and runtime agree in pure Python whatever is installed beside them.
os.environ.setdefault("PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION", "python")

import enlace_json  # noqa: E402
import enlace_protobuf  # noqa: E402
from bench_stage import PlainStage  # noqa: E402
from bus import Bus, Gone  # noqa: E402
from stage import ROOT, run_tests  # noqa: E402


def generated():
    """control.proto and alert.proto as Python modules."""
    folder = tempfile.mkdtemp(prefix="enlace-py-")
    schemas = os.path.join(ROOT, "schemas")
    protos = [os.path.join(schemas, p) for p in ("enlace/v1/control.proto", "enlace/v1/options.proto", "enlace/v1/person.proto", "enlace/v1/consent.proto",
                                                 "enlace/v1/alert.proto", "io/cloudevents/v1/cloudevents.proto")]
    subprocess.run(["protoc", f"-I{schemas}", f"--python_out={folder}", *protos], check=True)
    # The package "io" is Python's own, so its modules are loaded under their path.
    sys.path.insert(0, folder)
    import io
    io.__path__ = [os.path.join(folder, "io")]
    return importlib.import_module("enlace.v1.control_pb2"), importlib.import_module("enlace.v1.alert_pb2")


def arguments(stage, agency):
    return stage.endpoint, stage.path("secrets/broker.cert"), stage.path(f"secrets/{agency}.cert_secret")


def the_json_client_publishes_subscribes_settles_and_reconnects():
    with PlainStage() as stage:
        stage.start_broker()
        publisher = enlace_json.Client(*arguments(stage, "bench-in"), "json-publisher")
        reader = enlace_json.Client(*arguments(stage, "bench-out"), "json-reader", ["bench"])
        assert reader.welcome["subscriptions"][0]["type"] == "enlace.v1.Alert", reader.welcome
        event = {"specversion": "1.0", "id": "j-1", "source": "urn:enlace:bench-in", "type": "enlace.v1.Alert", "partitionkey": "c1",
                 "data": PlainStage.alert(1)}
        assert publisher.publish(event)["verdict"] == "RECORDED"
        deliver = reader.receive("DELIVER")
        assert deliver["deliveries"][0]["event"]["data"]["identifier"] == "A-1", deliver
        again = enlace_json.Client(*arguments(stage, "bench-out"), "json-reader", ["bench"])
        deliver = again.receive("DELIVER")
        assert deliver["deliveries"][0]["event"]["data"]["identifier"] == "A-1", "what was not settled comes again"
        assert again.settle(deliver)["ranges"], "settled"
        assert enlace_json.Client(*arguments(stage, "bench-in"), "json-publisher").publish(event)["verdict"] == "DUPLICATE"


def the_protobuf_client_publishes_subscribes_settles_and_reconnects():
    pb, alerts = generated()
    with PlainStage() as stage:
        stage.start_broker()
        publisher = enlace_protobuf.Client(pb, *arguments(stage, "bench-in"), "pb-publisher")
        reader = enlace_protobuf.Client(pb, *arguments(stage, "bench-out"), "pb-reader", ["bench"])
        alert = alerts.Alert(identifier="A-7", sender="bench-in", status=1, message_type=1, scope=2, event_code=5, legal_basis=3)
        answer = publisher.publish("enlace.v1.Alert", "urn:enlace:bench-in", "p-1", "c1", alert.SerializeToString())
        assert answer.verdict == pb.RECORDED and answer.position == 1, answer
        deliver = reader.receive("Deliver")
        assert alerts.Alert.FromString(deliver.deliveries[0].event.binary_data).identifier == "A-7"
        stage.broker.kill()
        stage.start_broker()
        reader.connect()
        deliver = reader.receive("Deliver")
        settled = reader.settle(deliver, pb.TAKEN)
        assert settled.ranges[0].first == deliver.deliveries[0].number and settled.stale == 0, settled
        publisher.connect()
        assert publisher.sequence == 1, "the broker remembers where the client stood"


def what_is_wrong_with_a_payload_of_protobuf_is_refused_at_its_place():
    """Groups within groups, within the limit and far beyond it; text that is none; a length behind the end; and what is good goes on."""
    pb, alerts = generated()
    good = alerts.Alert(identifier="A-8", sender="bench-in", status=1, message_type=1, scope=2, event_code=5, legal_basis=3).SerializeToString()
    begin, end = b"\x9b\x06", b"\x9c\x06"  # a group that the schema does not know: number 99
    with PlainStage() as stage:
        stage.start_broker()
        client = enlace_protobuf.Client(pb, *arguments(stage, "bench-in"), "pb-publisher")
        for number, (payload, field) in enumerate({good + begin * 60000 + end * 60000: "", good + begin * 200: "", good + b"\x12\x02\xff\xfe": "sender",
                                                   good + b"\x12\x7f" + b"x": "sender"}.items()):
            answer = client.publish("enlace.v1.Alert", "urn:enlace:bench-in", f"bad-{number}", "c1", payload)
            assert (answer.verdict, answer.code, answer.field) == (pb.REFUSED, "schema_invalid", field), answer
        assert client.publish("enlace.v1.Alert", "urn:enlace:bench-in", "good", "c1", good).verdict == pb.RECORDED
        assert stage.broker.process.poll() is None


def a_second_session_of_the_same_name_replaces_the_first():
    with PlainStage() as stage:
        stage.start_broker()
        first, second = stage.bus("bench-in"), stage.bus("bench-in")
        first.hello("same")
        second.hello("same")
        try:
            first.expect("PUBLISHED", timeout_s=3)
            raise AssertionError("the first session went on")
        except Gone as gone:
            assert gone.code == "replaced", gone


def an_agency_reads_its_own_subscriptions_only():
    with PlainStage() as stage:
        stage.start_broker()
        thief = stage.bus("bench-in")
        try:
            thief.hello("thief", ["bench"])
            raise AssertionError("a foreign subscription was given")
        except Gone as gone:
            assert gone.code == "unknown_subscription", gone


def a_chosen_routing_id_gets_nothing():
    with PlainStage() as stage:
        stage.start_broker()
        chosen = stage.bus("bench-in", routing_id=b"\x01abcd")
        chosen.send("HELLO", {"client": "x"})
        assert chosen.receive(1.0) is None
        honest = stage.bus("bench-in")
        honest.hello("honest")


def later_comes_again_and_blocks_its_case_only():
    with PlainStage() as stage:
        stage.start_broker()
        bus, reader = stage.bus("bench-in"), stage.bus("bench-out")
        bus.hello()
        reader.hello("reader", ["bench"])
        bus.publish_wait(stage.event(bus, 1, case="stuck"), stage.event(bus, 2, case="stuck"), stage.event(bus, 3, case="free"))
        first = {d["event"]["data"]["identifier"]: d for d in reader.deliveries(3)}
        reader.settle_wait("bench", [first["A-1"]["number"]], "LATER", afterMs=1)
        stale = reader.settle_wait("bench", [first["A-2"]["number"]])
        assert stale.get("stale") == 1, "what flew behind it is void"
        reader.settle_wait("bench", [first["A-3"]["number"]])
        again = reader.deliveries(1, timeout_s=10)[0]
        assert again["event"]["data"]["identifier"] == "A-1" and again["attempt"] == 2, again
        reader.settle_wait("bench", [again["number"]])
        assert reader.deliveries(1)[0]["event"]["data"]["identifier"] == "A-2"


def what_the_recipient_cannot_use_becomes_a_dead_letter():
    with PlainStage() as stage:
        stage.start_broker()
        bus, reader = stage.bus("bench-in"), stage.bus("bench-out")
        bus.hello()
        reader.hello("reader", ["bench"])
        bus.publish_wait(stage.event(bus, 1, case="dead"), stage.event(bus, 2, case="dead"), stage.event(bus, 3, case="alive"))
        got = {d["event"]["data"]["identifier"]: d for d in reader.deliveries(3)}
        reader.settle_wait("bench", [got["A-1"]["number"]], "UNUSABLE", code="no_such_place")
        reader.settle_wait("bench", [got["A-3"]["number"]])
        dead = stage.operator("msg", "ls", "--state", "dead")["rows"]
        assert [d["code"] for d in dead] == ["rejected_by_recipient"], dead
        assert reader.receive(1.0) is None, "the case goes on though its dead letter waits for an operator"


def expired_events_are_never_delivered():
    with PlainStage() as stage:
        stage.start_broker()
        bus = stage.bus("bench-in")
        bus.hello()
        past = stage.event(bus, 1)
        past["expirytime"] = "2020-01-01T00:00:00Z"
        answer = bus.publish_wait(past)[0]
        assert (answer["verdict"], answer["code"]) == ("REFUSED", "expired"), answer


def the_same_id_with_other_content_is_a_conflict():
    with PlainStage() as stage:
        stage.start_broker()
        bus = stage.bus("bench-in")
        bus.hello()
        bus.publish_wait(stage.event(bus, 1))
        assert bus.publish_wait(stage.event(bus, 1))[0]["verdict"] == "DUPLICATE"
        answer = bus.publish_wait(stage.event(bus, 1, text="other"))[0]
        assert (answer["verdict"], answer["code"]) == ("REFUSED", "duplicate_conflict"), answer


if __name__ == "__main__":
    run_tests([value for name, value in list(globals().items()) if callable(value) and getattr(value, "__module__", "") == "__main__"
               and name not in ("generated", "arguments")])
