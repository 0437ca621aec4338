# SPDX-License-Identifier: Apache-2.0
"""A whole ENLACE/1 client in the JSON form, written from schemas/PROTOCOL.md alone: publish, subscribe, settle, reconnect."""
import json, re, zmq
KINDS = "_ HELLO WELCOME PUBLISH PUBLISHED DELIVER SETTLE SETTLED CREDIT SCHEMA STATUS PING PONG GOAWAY BYE ERROR".split()

def key(path, which):
    return re.search(which + r'-key\s*=\s*"([^"]+)"', open(path, encoding="utf-8").read()).group(1).encode()

class Client:
    def __init__(self, endpoint, server_cert, own_cert, name, subscriptions=()):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger, self.socket.curve_serverkey = 0, key(server_cert, "public")
        self.socket.curve_publickey, self.socket.curve_secretkey = key(own_cert, "public"), key(own_cert, "secret")
        self.socket.connect(endpoint)
        self.send("HELLO", {"client": name, "subscriptions": [{"subscription": s} for s in subscriptions]})
        self.welcome = self.receive("WELCOME")
        self.sequence = int(self.welcome.get("lastSequence", 0))

    def send(self, kind, body):
        self.socket.send(b"EJ1" + bytes([KINDS.index(kind)]) + json.dumps(body).encode())

    def receive(self, wanted, timeout_ms=10000):
        while self.socket.poll(timeout_ms):
            frame = self.socket.recv()
            kind, body = KINDS[frame[3]], json.loads(frame[4:])
            if kind == "PING":
                self.send("PONG", body)
            if kind in (wanted, "ERROR", "GOAWAY"):
                return body

    def publish(self, event):
        self.sequence += 1
        self.send("PUBLISH", {"events": [{"sequence": str(self.sequence), "event": event}]})
        return self.receive("PUBLISHED")["answers"][0]

    def settle(self, deliver, outcome="TAKEN"):
        done = [{"first": d["number"], "outcome": outcome} for d in deliver["deliveries"]]
        self.send("SETTLE", {"subscription": deliver["subscription"], "epoch": deliver["epoch"], "settlements": done})
        return self.receive("SETTLED")
