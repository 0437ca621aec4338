# SPDX-License-Identifier: Apache-2.0
"""A client of ENLACE/1 in its JSON form, for tests that need to do things that no well-behaved client does."""
import json
import re
import threading
import time

import zmq

KINDS = {name: number for number, name in enumerate(
    "HELLO WELCOME PUBLISH PUBLISHED DELIVER SETTLE SETTLED CREDIT SCHEMA STATUS PING PONG GOAWAY BYE ERROR".split(), 1)}
NAMES = {number: name for name, number in KINDS.items()}


def read_cert(path):
    """Public and secret key of a key file in ZPL."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    found = dict(re.findall(r'(public-key|secret-key)\s*=\s*"([^"]+)"', text))
    return found.get("public-key", "").encode(), found.get("secret-key", "").encode()


class Gone(Exception):
    """The broker ended the session; reason is its code."""

    def __init__(self, code, body):
        super().__init__(f"{code}: {body}")
        self.code, self.body = code, body


class Bus:
    def __init__(self, endpoint, server_cert, own_cert, routing_id=None, context=None):
        self.socket = (context or zmq.Context.instance()).socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.curve_serverkey = read_cert(server_cert)[0]
        self.socket.curve_publickey, self.socket.curve_secretkey = read_cert(own_cert)
        if routing_id:
            self.socket.routing_id = routing_id
        self.socket.connect(endpoint)
        self.epoch = self.sequence = 0
        self.welcome = None
        self.stored, self.unread = [], []
        self.lock = threading.Lock()

    def close(self):
        self.socket.close(0)

    def send_raw(self, data):
        self.socket.send(data)

    def send(self, kind, body):
        self.socket.send(b"EJ1" + bytes([KINDS[kind]]) + json.dumps(body).encode())

    def receive(self, timeout_s=10.0):
        """(kind, body), or None when nothing came. PING is answered here."""
        end = time.monotonic() + timeout_s
        while True:
            left = end - time.monotonic()
            if not self.socket.poll(max(0, int(left * 1000))):
                return None
            frame = self.socket.recv()
            kind, body = NAMES.get(frame[3], str(frame[3])), json.loads(frame[4:] or b"{}")
            if kind == "PING":
                self.send("PONG", {"token": body.get("token", "0")})
                continue
            return kind, body

    def expect(self, *kinds, timeout_s=10.0):
        """The next body of one of these kinds; others are kept for later calls."""
        for i, (kind, body) in enumerate(self.stored):
            if kind in kinds:
                del self.stored[i]
                return body
        end = time.monotonic() + timeout_s
        while True:
            got = self.receive(max(0.0, end - time.monotonic()))
            assert got, f"no {kinds} came"
            if got[0] in kinds:
                return got[1]
            if got[0] in ("ERROR", "GOAWAY"):
                raise Gone(got[1].get("code"), got[1])
            self.stored.append(got)

    def hello(self, client="test", subscriptions=(), window=64, timeout_s=10.0):
        self.send("HELLO", {"client": client, "software": "tests", "subscriptions": [
            {"subscription": name, "windowEvents": window} for name in subscriptions]})
        self.welcome = self.expect("WELCOME", timeout_s=timeout_s)
        self.epoch = self.welcome["epoch"]
        self.sequence = int(self.welcome.get("lastSequence", 0))
        return self.welcome

    def event(self, type_, source, id_, case, data, **attributes):
        return {"specversion": "1.0", "id": id_, "source": source, "type": type_, "partitionkey": case,
                "datacontenttype": "application/json", "data": data, **attributes}

    def publish(self, *events, supersedes=False):
        """Sends without waiting; returns the sequences."""
        sent = []
        for event in events:
            self.sequence += 1
            sent.append({"sequence": str(self.sequence), "event": event, "supersedes": supersedes})
        self.send("PUBLISH", {"events": sent})
        return [int(s["sequence"]) for s in sent]

    def publish_wait(self, *events, **options):
        """Publishes and returns the answers, in order."""
        wanted = self.publish(*events, **options)
        answers = []
        while len(answers) < len(wanted):
            answers += self.expect("PUBLISHED")["answers"]
        return answers

    def deliveries(self, count, timeout_s=10.0):
        """The next ones, in order; what came with them is kept."""
        while len(self.unread) < count:
            body = self.expect("DELIVER", timeout_s=timeout_s)
            self.unread += [dict(d, subscription=body["subscription"]) for d in body["deliveries"]]
        got, self.unread = self.unread[:count], self.unread[count:]
        return got

    def settle(self, subscription, numbers, outcome="TAKEN", **more):
        self.send("SETTLE", {"subscription": subscription, "epoch": self.epoch, "settlements": [
            {"first": str(n), "outcome": outcome, **more} for n in numbers]})

    def settle_wait(self, subscription, numbers, outcome="TAKEN", **more):
        self.settle(subscription, numbers, outcome, **more)
        return self.expect("SETTLED")
