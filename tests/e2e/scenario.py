# SPDX-License-Identifier: Apache-2.0
"""Scenario S1 with the shipped configuration and real processes: an acta of INM becomes referrals and an alert in other agencies' systems, UNICEF's answer
travels back, a shelter's form becomes a referral, an unheard-of code is held and released. The test and the demo play the same steps."""
import csv
import glob
import json
import os
import shutil
import subprocess

from primero import Primero
from stage import Stage, wait_until

FOLIO = "INM-TAP-2026-000123"


class Scenario(Stage):
    def __init__(self, **options):
        super().__init__(**options)
        self.primero = Primero()
        self.adapters = {}
        self.prepare()
        self.edit("config/enlace.yaml", r"heartbeat: 5 s", "heartbeat: 1 s")  # so that a broker that died is noticed within seconds
        self.make_keys()
        self.start_broker()

    def close(self):
        super().close()
        self.primero.close()

    # ---- adapters --------------------------------------------------------------------------------------------------------------
    def start_all(self, without=()):
        for agency, source in (("inm", "inm"), ("unicef", "unicef"), ("comar", "comar"), ("unhcr", "unhcr"), ("albergue-esperanza", "civil-society")):
            if agency in without:
                continue
            folder = self.stage_adapter(agency, source)
            name = f"adapters/{agency}/adapter.yaml"
            if agency == "inm":
                self.edit(name, r"stable_for: 2 s", "stable_for: 50 ms")
                os.makedirs(os.path.join(folder, "entrada"), exist_ok=True)
            if agency == "unicef":
                self.edit(name, r'post_to: "[^"]*"', f'post_to: "{self.primero.url}"')
            if agency in ("unicef", "albergue-esperanza"):
                self.edit(name, r'listen: "127.0.0.1:\d+"', 'listen: "127.0.0.1:0"')
                self.write(f"adapters/{agency}/webhook.secret", f"{agency}-shared-secret\n", 0o600)
            self.adapters[agency] = self.start_adapter(agency)
        for program in self.adapters.values():
            program.wait("session.up")

    def webhook(self, agency):
        line = self.adapters[agency].wait("webhook.listening")
        return f"http://{line['address']}{line['path']}"

    def post(self, agency, header, body, secret=None):
        """What the agency's service does: curl is the client. Returns the status and the answer."""
        result = subprocess.run(["curl", "-sS", "--max-time", "10", "--noproxy", "*", "-w", "\n%{http_code}", "-H", "Content-Type: application/json", "-H",
                                 f"{header}: {secret or agency + '-shared-secret'}", "--data-binary", "@-", self.webhook(agency)],
                                input=json.dumps(body).encode(), capture_output=True, check=True)
        answer, _, status = result.stdout.decode().rpartition("\n")
        return int(status), answer

    def sample(self, agency, name):
        with open(os.path.join(self.folder, "adapters", agency, "samples", name), "rb") as file:
            return file.read()

    def drop(self, name, as_name=None):
        """INM's registry exports a file into the watched folder, as such systems do: written under another name, then renamed."""
        folder = self.path("adapters/inm/entrada")
        with open(os.path.join(folder, ".export"), "wb") as file:
            file.write(self.sample("inm", name))
        self.give_away()
        os.rename(os.path.join(folder, ".export"), os.path.join(folder, as_name or name))

    def acta_only(self, name, folio):
        """The header and the rows of one folio of a sample file."""
        lines = self.sample("inm", name).split(b"\n")
        return b"\n".join([lines[0]] + [l for l in lines[1:] if l.startswith(folio.encode())]) + b"\n"

    def received(self, agency, folder, count=1):
        """The JSON files in an agency's folder, once there are so many."""
        pattern = self.path("adapters", agency, folder, "*.json")
        wait_until(lambda: len(glob.glob(pattern)) >= count, f"{count} files in {agency}/{folder}")
        found = []
        for path in sorted(glob.glob(pattern)):
            with open(path, encoding="utf-8") as file:
                found.append(json.load(file))
        return found

    def answered(self, line, folio_file):
        return self.adapters["inm"].wait("event.answered", origin=folio_file, line=line)

    def status_rows(self, count):
        path = self.path("adapters/inm/estados/estados.csv")

        def rows():
            if not os.path.exists(path):
                return None
            with open(path, encoding="iso-8859-1", newline="") as file:
                lines = [l for l in file.read().split("\r\n") if l]
            return lines if len(lines) > count else None
        return wait_until(rows, f"{count} rows in INM's estados.csv")

    # ---- steps -----------------------------------------------------------------------------------------------------------------
    def step_acta(self):
        """1: the acta is picked up, a broken row is set aside with its line and reason."""
        self.drop("actas-fila-rota.csv")
        self.drop("actas-2026-11-23.csv")
        broken = self.adapters["inm"].wait("record.rejected", origin="actas-fila-rota.csv")
        recorded = self.answered(2, "actas-2026-11-23.csv")
        self.adapters["inm"].wait("file.done", file="actas-2026-11-23.csv")
        return broken, recorded

    def step_decisions(self, position):
        """2: what the broker made of it and who gets it."""
        return self.operator("msg", "show", str(position))

    @staticmethod
    def referral_to(shown, subscription):
        """The referral_id of the output that goes to a subscription."""
        return [o["reference"] for o in shown["outputs"] if subscription in [d["subscription"] for d in o["deliveries"]]][0]

    def case_of(self, referral_id):
        def find():
            for record_id, case in list(self.primero.cases.items()):
                if referral_id in json.dumps(case):
                    return record_id, case
            return None
        return wait_until(find, f"Primero has a case for referral {referral_id}")

    def step_unicef_accepts(self, record_id):
        """4: UNICEF accepts in Primero's words and by its own record id."""
        decision = json.loads(self.sample("unicef", sorted(n for n in os.listdir(self.path("adapters/unicef/samples")) if "accept" in n)[0]))
        decision["data"]["record_id"] = record_id
        return self.post("unicef", "X-Primero-Secret", decision)

    def step_kobo(self):
        """5: a shelter's Kobo form through the webhook."""
        return self.post("albergue-esperanza", "X-Kobo-Secret", json.loads(self.sample("albergue-esperanza", "submission.json")))

    def step_unknown_code(self):
        """6: an acta whose sex code is unheard of is held, and goes through after the code table was corrected."""
        self.drop("actas-sexo-desconocido.csv")
        held = self.adapters["inm"].wait("event.answered", origin="actas-sexo-desconocido.csv", verdict="held")
        return held, self.operator("msg", "ls", "--state", "held")

    def unknown_code(self):
        rows = self.sample("inm", "actas-sexo-desconocido.csv").decode("iso-8859-1").splitlines()
        return next(csv.DictReader(rows))["SEXO"]

    def step_release(self, code):
        table = self.path("config/codes/inm-sexo.csv")
        with open(table, encoding="utf-8") as file:
            header = file.readline().strip().split(",")
        row = {"from": code, "to": "UNKNOWN", "label": "agregado en el ejemplo"}
        with open(table, "a", encoding="utf-8") as file:
            file.write(",".join(row.get(column, row["label"]) for column in header) + "\n")
        self.operator("reload")
        return self.operator("msg", "release", "--code", "table_miss", "--reason", "code added to inm-sexo")
