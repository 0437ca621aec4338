#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The http connector: what an agency's service may answer to a post, and what may be posted to the webhook."""
import json
import os
import socket
import time
import urllib.error
import urllib.request

from plain_adapter import AdapterStage, Service, reply
from stage import run_tests, wait_until

TAKEN, LATER, UNUSABLE = 1, 2, 3
METRIC = 'enlace_delivery_events_total{subscription="bench",outcome="%s"}'


# ---- what a service answers ------------------------------------------------------------------------------------------------------------------

def posts(stage, service, **options):
    stage.start_broker()
    stage.adapter("out", "bench-out", "http", {"post_to": service.url, "reference_from": "data.id", **options})
    program = stage.run_adapter("out")
    program.wait("session.up")
    return program


def what_is_wrong_with_the_record_is_final_and_what_is_wrong_with_the_service_is_not():
    statuses = {400: UNUSABLE, 401: LATER, 403: LATER, 404: LATER, 405: LATER, 408: LATER, 409: UNUSABLE, 410: UNUSABLE, 413: UNUSABLE, 415: UNUSABLE,
                422: UNUSABLE, 425: LATER, 429: LATER, 500: LATER, 502: LATER, 503: LATER, 504: LATER}
    plan = list(statuses)
    with AdapterStage() as stage, Service(lambda request, _: reply(request, plan.pop(0) if plan else 201)) as service:
        program = posts(stage, service)
        for number, (status, outcome) in enumerate(statuses.items(), 1):
            stage.publish(number)
            # Those that were to come later come in between and may hear it: the code says what became of it, whichever it was.
            program.wait("delivery.settled", outcome=outcome, code=f"http_{status}")
        unusable = sum(o == UNUSABLE for o in statuses.values())
        wait_until(lambda: stage.metrics()[METRIC % "taken"] == len(statuses) - unusable, "what was to come later came")
        assert stage.metrics()[METRIC % "dead"] == unusable
        assert not any("identifier" in line for line in program.raw), "a body in the log"


def the_service_says_when_to_come_again():
    times = []

    def answer(request, _):
        times.append(time.monotonic())
        reply(request, *((503, b"{}") if len(times) == 1 else (201, b'{"data": {"id": "R-1"}}')), **({"Retry-After": "3"} if len(times) == 1 else {}))

    with AdapterStage() as stage, Service(answer) as service:
        program = posts(stage, service)
        stage.publish()
        program.wait("delivery.settled", outcome=TAKEN)
        assert times[1] - times[0] >= 2.9, f"came again after {times[1] - times[0]:.1f} s, not after the 3 s that it was asked for"


def no_answer_a_cut_connection_and_a_closed_port_are_later():
    calls = []

    def answer(request, _):
        calls.append(1)
        if len(calls) == 1:
            return wait_until(lambda: len(service.keys) >= 2, "the adapter gives up waiting and asks again")
        if len(calls) == 2:
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # a reset, and no answer
            return os.close(request.connection.detach())
        return reply(request, 201, b'{"data": {"id": "R-1"}}', Connection="close")

    with AdapterStage() as stage, Service(answer) as service:
        program = posts(stage, service, timeout="1 s")
        stage.publish()
        program.wait("delivery.settled", outcome=TAKEN)
        failures = [l["error"] for l in program.seen("post.failed")]
        assert len(failures) == 2 and "Timeout" in failures[0], failures
        assert len(set(service.keys)) == 1 and len(service.keys) == 3, service.keys
        service.server.shutdown()
        service.server.server_close()
        before = program.count()
        stage.publish(2)
        program.wait("delivery.settled", outcome=LATER, code="unreachable", after=before)


def a_redirect_is_never_followed():
    with Service(lambda request, _: reply(request, 201)) as elsewhere:
        with AdapterStage() as stage, Service(lambda request, _: reply(request, 307, b"", Location=elsewhere.url)) as service:
            program = posts(stage, service)
            stage.publish()
            program.wait("delivery.settled", outcome=LATER, code="http_307")
            service.wait_for(2)
            assert elsewhere.keys == [], "a record went where the settings do not say"


def an_answer_without_a_number_is_taken_and_told():
    answers = [b"", b"not json", b'{"data": {}}', b'{"data": {"id": null}}', b'{"data": {"id": {"a": 1}}}',
               b'{"data": {"id": "' + b"x" * 129 + b'"}}', b'{"data": [' + b"[" * 3000, b'{"data": {"id": 4711}}']
    plan = list(answers)
    with AdapterStage() as stage, Service(lambda request, _: reply(request, 201, plan.pop(0))) as service:
        program = posts(stage, service)
        for number in range(len(answers)):
            stage.publish(number + 1)
            service.wait_for(number + 1)
        wait_until(lambda: stage.metrics()[METRIC % "taken"] == len(answers), "each of them is taken")
        assert len(program.seen("post.no_reference", path="data.id")) == len(answers) - 1, program.raw


def an_answer_without_an_end_does_not_make_a_second_case():
    def answer(request, _):
        request.send_response(201)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        for _ in range(1000):
            request.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    with AdapterStage() as stage, Service(answer) as service:
        program = posts(stage, service)
        stage.publish()
        program.wait("delivery.settled", outcome=TAKEN)
        program.wait("post.answer_too_large")
        assert len(service.keys) == 1, "it took the record, and was asked to once more"


# ---- the webhook -------------------------------------------------------------------------------------------------------------------------------

def listen(stage, options=None, **edits):
    stage.start_broker()
    stage.write("adapters/in/webhook.secret", "the-secret\n", 0o600)
    stage.adapter("in", "bench-in", "http", {"listen": "127.0.0.1:0", "path": "/hook", "secret_header": "X-Secret", "secret_file": "webhook.secret",
                                           **(options or {})}, **edits)
    program = stage.run_adapter("in")
    line = program.wait("webhook.listening")
    return program, line["address"]


def post(address, body, path="/hook", method="POST", **headers):
    headers = {"Content-Type": "application/json", "X-Secret": "the-secret", **{k.replace("_", "-"): v for k, v in headers.items()}}
    request = urllib.request.Request(f"http://{address}{path}", data=body, method=method, headers={k: v for k, v in headers.items() if v is not None})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def a_webhook_tells_each_wrong_request_by_its_status():
    with AdapterStage() as stage:
        program, address = listen(stage)
        good = json.dumps(stage.alert(1)).encode()
        assert post(address, good, X_Secret="the-secreT")[0] == 403
        assert post(address, good, X_Secret="the-secret-and-more")[0] == 403
        assert post(address, good, X_Secret=None)[0] == 403
        assert post(address, good, Content_Type="text/plain")[0] == 415
        assert post(address, good, Content_Type="application/x-www-form-urlencoded")[0] == 415
        assert post(address, good, path="/other")[0] == 404
        assert post(address, good, method="PUT")[0] == 405
        assert post(address, b"{" + b" " * 65536 + b"}")[0] == 413
        status, answer = post(address, b"not json SECRETVALUE")
        assert status == 422 and answer["code"] and "SECRETVALUE" not in json.dumps(answer), answer
        status, answer = post(address, json.dumps(dict(stage.alert(1), nobody="SECRETVALUE")).encode())
        assert (status, answer["code"], answer["field"]) == (422, "column_unknown", "nobody"), answer
        status, answer = post(address, json.dumps(dict(stage.alert(1), identifier="")).encode())
        assert (status, answer["code"]) == (422, "key_missing"), answer
        assert stage.metrics().get('enlace_ingest_received_total{agency="bench-in"}', 0) == 0
        assert post(address, good)[0] == 202
        program.wait("event.answered", verdict="recorded")
        assert not any("SECRETVALUE" in line for line in program.raw), "a value in the log"


def a_large_record_is_answered_as_fast_as_a_small_one():
    with AdapterStage() as stage:
        _, address = listen(stage)
        begun = time.monotonic()
        for number in range(10):  # they come in several pieces, and each piece waited for the next second
            assert post(address, json.dumps(stage.alert(number, "x" * 60000)).encode())[0] == 202
        assert time.monotonic() - begun < 10


def a_record_in_an_envelope_is_taken_as_the_bytes_that_came():
    with AdapterStage() as stage:
        program, address = listen(stage, {"wrapped_in": "data"})
        good = json.dumps(stage.alert(1)).encode()
        assert post(address, b'{"id": 98765432109876543210, "data": ' + good + b"}")[0] == 202  # a number longer than any that C has
        assert post(address, b'{"data": ' + good + b"}") == (200, {"status": "known"})
        for bad in (good, b'{"data": ' + good, b'{"data": ' + good + b', "data": {}}', b"SECRETVALUE"):
            assert post(address, bad)[1]["code"] == "not_json", bad
        program.wait("event.answered", verdict="recorded")


def the_same_submission_is_known_also_after_a_kill():
    with AdapterStage() as stage:
        program, address = listen(stage)
        good = json.dumps(stage.alert(1)).encode()
        assert post(address, good) == (202, {"status": "accepted"})
        assert post(address, good) == (200, {"status": "known"})
        program.kill()
        program = stage.run_adapter("in")
        address = program.wait("webhook.listening")["address"]
        assert post(address, good) == (200, {"status": "known"})
        assert post(address, json.dumps(stage.alert(1, "corrected")).encode())[0] == 202
        wait_until(lambda: stage.metrics().get('enlace_ingest_events_total{agency="bench-in",outcome="recorded"}') == 2, "the record and its correction")


def a_webhook_without_room_asks_to_come_again():
    with AdapterStage() as stage:
        program, address = listen(stage, limit="64 KiB")
        stage.broker.stop()
        statuses = [post(address, json.dumps(stage.alert(n, "x" * 5000)).encode())[0] for n in range(30)]
        assert statuses[0] == 202 and statuses[-1] == 503 and set(statuses) == {202, 503}, statuses
        program.wait("spool.full")
        stage.start_broker()
        wait_until(lambda: post(address, json.dumps(stage.alert(29, "x" * 5000)).encode())[0] in (200, 202), "there is room again")


def a_slow_client_keeps_nobody_waiting():
    with AdapterStage() as stage:
        _, address = listen(stage)
        host, port = address.split(":")
        slow = []
        for number in range(20):
            connection = socket.create_connection((host, int(port)), timeout=30)
            connection.sendall(b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"[:40 + 5 * number])
            slow.append(connection)
        start = time.monotonic()
        assert post(address, json.dumps(stage.alert(1)).encode())[0] == 202
        assert time.monotonic() - start < 5, "it waited for the slow ones"
        slow[0].settimeout(40)
        assert not slow[0].recv(1000).startswith(b"HTTP/1.1 2"), "the slow one is let go"
        for connection in slow:
            connection.close()


if __name__ == "__main__":
    run_tests([value for value in list(globals().values()) if callable(value) and getattr(value, "__module__", "") == "__main__"
               and value.__name__ not in ("posts", "listen", "post")])
