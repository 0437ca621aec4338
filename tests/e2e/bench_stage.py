# SPDX-License-Identifier: Apache-2.0
"""A stage with the bench's small rule set: canonical alerts from bench-in to bench-out, nothing to translate."""
import os
import shutil

from bus import Bus
from stage import ROOT, Stage


class PlainStage(Stage):
    """The smallest rule set that carries something; for tests of the machinery rather than of rules."""

    def __init__(self, **options):
        super().__init__(**options)
        shutil.rmtree(self.config)
        shutil.copytree(os.path.join(ROOT, "tests/bench/config"), self.config)
        os.makedirs(self.path("config/agencies"), exist_ok=True)
        self.write("config/agencies/operations.yaml",
                   "agency: operations\ntitle: Operations\nkind: un\npublishes: []\noperator: true\noperator_may: [\"*\"]\n")
        self.write("config/enlace.yaml", "".join(f"{key}: x\n" for key in (
            "listen", "operators", "http", "key", "keys", "schemas", "journal", "id_secret")) + "user: nobody\n")
        self.prepare()
        self.make_keys(["bench-in", "bench-out", "operations"])

    def bus(self, agency, **options):
        return Bus(self.endpoint, self.path("secrets/broker.cert"), self.path(f"secrets/{agency}.cert_secret"), **options)

    @staticmethod
    def alert(number, text="x"):
        return {"identifier": f"A-{number}", "sender": "bench-in", "status": "ACTUAL", "messageType": "ALERT", "scope": "RESTRICTED",
                "eventCode": "ROUTE_SECURITY", "legalBasis": "PUBLIC_INTEREST", "texts": [{"language": "es-MX", "headline": text}]}

    def event(self, bus, number, case=None, text="x"):
        return bus.event("enlace.v1.Alert", "urn:enlace:bench-in", f"e-{number}", case or f"case-{number % 8}", self.alert(number, text))
