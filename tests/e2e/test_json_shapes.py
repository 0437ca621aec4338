#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""--format json is an interface: every document of every verb has the keys and kinds of values that json_shapes.txt says, one path a line. A key that goes or changes its kind breaks somebody's program; a new one is written down on purpose:
tests/e2e/test_json_shapes.py --write   (and read what changed)"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

from bus import Bus
from scenario import Scenario
from stage import ROOT
from test_scrub import flip

GOLDEN = os.path.join(ROOT, "tests/e2e/json_shapes.txt")
ENLACE = os.path.abspath(os.path.join(os.environ.get("ENLACE_BIN", os.path.join(ROOT, "build/gcc/bin")), "enlace"))
ACTA = {"FOLIO_ACTA": "INM-TAP-2026-000123", "SEXO": "MUJER", "NNA": "S", "ACOMPANAMIENTO": "SOLO", "CVE_ENT": "07", "EDAD_APARENTE": "13",
        "DIF_RECEPTOR": "CAS-TAP-01", "SERVICIOS": "PROTECCION|ALBERGUE"}
TIME = ("--recorded", "2026-11-23T15:45:00Z")


def kind(value):
    return {bool: "boolean", int: "number", float: "number", str: "text", type(None): "null", dict: "object", list: "list"}[type(value)]


def shape(value, path, found):
    """Path -> kinds of values, items of a list under one path."""
    found.setdefault(path, set()).add(kind(value))
    for key, inner in value.items() if isinstance(value, dict) else ():
        shape(inner, f"{path}.{key}", found)
    for inner in value if isinstance(value, list) else ():
        shape(inner, path + "[]", found)


def stage(folder):
    """The shipped rule set with one thing wrong of each kind that a document tells."""
    for name in ("config", "schemas"):
        shutil.copytree(os.path.join(ROOT, name), os.path.join(folder, name))
    os.makedirs(os.path.join(folder, "build"))
    os.symlink(os.path.abspath(os.path.join(ROOT, "build/schemas")), os.path.join(folder, "build/schemas"))
    with open(os.path.join(folder, "acta.json"), "w", encoding="utf-8") as file:
        json.dump(ACTA, file)
    shutil.copytree(os.path.join(folder, "config"), os.path.join(folder, "wrong"))
    edit(os.path.join(folder, "wrong/mappings/kobo-to-referral.yaml"), "table: kobo-sexo}", "table: kobo-sexa}")
    edit(os.path.join(folder, "wrong/routes/safe-shelter.yaml"), "route:", "\nroute:")
    shutil.copytree(os.path.join(folder, "config"), os.path.join(folder, "failing"))
    edit(os.path.join(folder, "failing/codes/inm-sexo.csv"), "MUJER,FEMALE", "NUNCA,MALE,No test reaches it\nMUJER,MALE")
    edit(os.path.join(folder, "failing/tests/s1-inm-referral.csv"), "person.sex,", "person.sex,F,F,F,F\n#")
    edit(os.path.join(folder, "failing/tests/round-trips.yaml"), "persona/estado: not_read", "persona/estado: keyed")
    shutil.copytree(os.path.join(folder, "schemas/inm"), os.path.join(folder, "next/inm"))
    edit(os.path.join(folder, "next/inm/v1/acta.proto"), "string sexo = 8", "string sexo_registrado = 8")
    subprocess.run(["protoc", "-Inext", "-Ischemas", "--include_imports", "--descriptor_set_out=next.binpb", "next/inm/v1/acta.proto"],
                   cwd=folder, check=True)


def edit(path, old, new):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if old not in text:
        raise ValueError(f"{old} is not in {path}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new, 1))


CALLS = {
    "lint": ("lint", "wrong", "--schemas", "build/schemas"),
    "test": ("test", "failing", "--schemas", "build/schemas", "--coverage"),
    "explain": ("explain", "--sender", "inm", "--in", "acta.json", "--values", *TIME),
    "explain --why-not": ("explain", "--sender", "inm", "--in", "acta.json", "--why-not", *TIME),
    "map --round-trip": ("map", "kobo-to-referral", "--round-trip", "referral-to-kobo"),
    "schema ls": ("schema", "ls"),
    "schema show": ("schema", "show", "inm.v1.Acta"),
    "schema check": ("schema", "check", "build/schemas/inm.binpb", "next.binpb"),
    "schema impact": ("schema", "impact", "build/schemas/inm.binpb", "next.binpb"),
    "explain-code": ("explain-code", "E0308"),
    "version": ("version",),
}


def online():
    """Verb -> its document, of a broker that has something of everything: recorded, held, and a delivery that died."""
    found = {}
    with Scenario() as stage:
        keys = ("-c", stage.path("config/enlace.yaml"), "--format", "json")

        def call(name, *arguments, key="operations", stdin=None):
            out = stage.enlace(*arguments, *keys, *(["--key", stage.path(f"secrets/{key}.cert_secret")] if key else []), stdin=stdin, check=False).stdout
            found[name] = json.loads(out.splitlines()[0])
            return found[name]

        def publish(name, record):
            stage.write(f"{name}.json", json.dumps(record))
            return call("publish", "publish", stage.path(f"{name}.json"), "--type", "inm.v1.Acta", "--source", "urn:enlace:inm", "--id", name, "--case", name,
                        key="inm")

        stage.enlace("keys", "new", "--agency", "inm", "--out", stage.path("secrets/next.cert"))
        call("keys new", "keys", "new", "--out", stage.path("secrets/other.cert"), key=None)
        call("keys show", "keys", "show", stage.path("secrets/other.cert"), key=None)
        call("agency add", "agency", "add", "inm", key="next")
        position = publish("good", ACTA)["position"]
        publish("odd", dict(ACTA, FOLIO_ACTA="INM-TAP-2026-000124", SEXO="NUNCA"))
        call("sub tail", "sub", "tail", "unicef-referrals", "--limit", "1", key="unicef")["data"] = {}  # whose shape is UNICEF's
        reader = Bus(stage.endpoint, stage.path("secrets/broker.cert"), stage.path("secrets/unicef.cert_secret"))
        reader.hello(subscriptions=["unicef-referrals"])
        reader.settle_wait("unicef-referrals", [reader.deliveries(1)[0]["number"]], "UNUSABLE", code="full")
        reader.close()
        call("sub ls", "sub", "ls")
        call("msg ls --state held", "msg", "ls", "--state", "held")
        call("msg ls --state dead", "msg", "ls", "--state", "dead")
        call("msg show", "msg", "show", str(position))
        call("status", "status")
        call("reload", "reload")
        call("msg release", "msg", "release", "--code", "table_miss", "--reason", "a test")
        call("a refused request", "msg", "show", "4711")
        stage.broker.stop()
        flip(stage, position)
        stage.start_broker()
        found["status of a damaged journal"] = {"journal": call("damaged", "status")["journal"]}
        del found["damaged"]
    return found


def shapes():
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        stage(folder)
        for name, call in CALLS.items():
            result = subprocess.run([ENLACE, *call, "--format", "json"], cwd=folder, capture_output=True, text=True, timeout=60, check=False,
                                    env={**os.environ, "LC_ALL": "C.UTF-8"})
            if result.returncode not in (0, 1) or result.stderr:
                raise ValueError(f"{name} ended with {result.returncode}: {result.stderr}")
            found = {}
            shape(json.loads(result.stdout), "", found)
            # Whether a value is absent in this rule set is no part of the shape.
            lines += [f"{name}: {path or '.'} {' '.join(sorted(kinds - {'null'})) or 'null'}" for path, kinds in sorted(found.items())]
    for name, document in online().items():
        found = {}
        shape(document, "", found)
        lines += [f"{name}: {path or '.'} {' '.join(sorted(kinds - {'null'})) or 'null'}" for path, kinds in sorted(found.items())]
    return lines


def by_path(lines):
    return dict(line.rsplit(" ", 1) for line in lines)


def same(one, other):
    return one == other or (one is not None and other is not None and "null" in (one, other))


def main():
    lines = shapes()
    if "--write" in sys.argv:
        with open(GOLDEN, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    found = by_path(lines)
    with open(GOLDEN, encoding="utf-8") as file:
        wanted = by_path(file.read().splitlines())
    wrong = [path for path in sorted(set(wanted) | set(found)) if not same(wanted.get(path), found.get(path))]
    for path in wrong:
        print(f"FAIL {path}: {wanted.get(path, 'not there')} is {found.get(path, 'not there')} now")
    failed = len(wrong)
    print(f"{len(found) - failed} passed, {failed} failed")
    return 1 if failed or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
