# SPDX-License-Identifier: Apache-2.0
"""An ENLACE/1 client in the protobuf form, written from schemas/PROTOCOL.md alone, on python3-zmq and python3-protobuf. `pb` is the module that
protoc makes of schemas/enlace/v1/control.proto. Whatever is odd: close the socket, wait, say HELLO on a new one."""
import re

import zmq

KINDS = {1: "Hello", 2: "Welcome", 3: "Publish", 4: "Published", 5: "Deliver", 6: "Settle", 7: "Settled", 8: "Credit", 9: "Schema", 10: "Status",
         11: "Ping", 12: "Pong", 13: "Goaway", 14: "Bye", 15: "Error"}
NUMBERS = {name: number for number, name in KINDS.items()}


class SessionOver(Exception):
    pass


def key(path, which):
    with open(path, encoding="utf-8") as file:
        return re.search(which + r'-key\s*=\s*"([^"]+)"', file.read()).group(1).encode()


class Client:
    def __init__(self, pb, endpoint, server_cert, own_cert, name, subscriptions=()):
        self.pb, self.endpoint, self.server_cert, self.own_cert = pb, endpoint, server_cert, own_cert
        self.name, self.subscriptions = name, subscriptions
        self.socket = None
        self.connect()

    def connect(self):
        """A new socket and a new session; also after anything odd."""
        if self.socket:
            self.socket.close(0)
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.curve_serverkey = key(self.server_cert, "public")
        self.socket.curve_publickey = key(self.own_cert, "public")
        self.socket.curve_secretkey = key(self.own_cert, "secret")
        self.socket.connect(self.endpoint)
        hello = self.pb.Hello(client=self.name, software="python")
        for name in self.subscriptions:
            hello.subscriptions.add(subscription=name, window_events=32)
        self.send(hello)
        self.welcome = self.receive("Welcome")
        self.sequence = self.welcome.last_sequence

    def send(self, message):
        kind = NUMBERS[message.DESCRIPTOR.name]
        self.socket.send(b"EN1" + bytes([kind]) + message.SerializeToString())

    def receive(self, wanted, timeout_ms=10000):
        while self.socket.poll(timeout_ms):
            frame = self.socket.recv()
            if frame[:3] != b"EN1" or frame[3] not in KINDS:
                raise SessionOver("a frame that is not ENLACE/1")
            message = getattr(self.pb, KINDS[frame[3]])()
            message.ParseFromString(frame[4:])
            if KINDS[frame[3]] == "Ping":
                self.send(self.pb.Pong(token=message.token))
            elif KINDS[frame[3]] == wanted:
                return message
            elif KINDS[frame[3]] in ("Error", "Goaway"):
                raise SessionOver(message.code)
        raise SessionOver("silence")

    def publish(self, type_, source, id_, case, payload):
        publish = self.pb.Publish()
        self.sequence += 1
        event = publish.events.add(sequence=self.sequence).event
        event.id, event.source, event.spec_version, event.type = id_, source, "1.0", type_
        event.attributes["partitionkey"].ce_string = case
        event.binary_data = payload
        self.send(publish)
        return self.receive("Published").answers[0]

    def settle(self, deliver, outcome):
        settle = self.pb.Settle(subscription=deliver.subscription, epoch=deliver.epoch)
        for delivery in deliver.deliveries:
            settle.settlements.add(first=delivery.number, outcome=outcome)
        self.send(settle)
        return self.receive("Settled")
