#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""explain leaves nothing out: over the records of config/tests, every field that a mapping or a view writes has the line that made it,
the row of the table where there is one, and where it came from; and what a recipient does not get of it is told with a reason."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

from stage import ROOT

ENLACE = os.path.abspath(os.path.join(os.environ.get("ENLACE_BIN", os.path.join(ROOT, "build/gcc/bin")), "enlace"))
CLOCK = "2026-11-23T15:45:00Z"
SENDERS = {"inm.v1.Acta": "inm", "civil_society.v1.KoboSubmission": "albergue-esperanza", "unicef.v1.ReferralDecision": "unicef"}


def enlace(*arguments):
    result = subprocess.run([ENLACE, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
                            env={**os.environ, "LC_ALL": "C.UTF-8"})
    return result.returncode, result.stdout, result.stderr


def leaves(value, path=""):
    """The paths of what holds a value, items of lists of objects without their numbers."""
    if isinstance(value, dict):
        return {leaf for key, inner in value.items() for leaf in leaves(inner, f"{path}.{key}" if path else key)}
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return {leaf for item in value for leaf in leaves(item, path)}
    return {path}


def without_numbers(path):
    return re.sub(r"\[\d+\]", "", path)


def covers(explained, leaf):
    """A line that writes a whole message speaks for what is in it."""
    return any(leaf == e or leaf.startswith(e + ".") for e in explained)


def documents(text):
    """JSON documents that stand one after the other."""
    decoder, at = json.JSONDecoder(), 0
    while text[at:].strip():
        value, end = decoder.raw_decode(text[at:].lstrip())
        at += len(text[at:]) - len(text[at:].lstrip()) + end
        yield value


def records():
    """(type, record) of every file of tests that has some."""
    for path in sorted(glob.glob(os.path.join(ROOT, "config/tests/*.yaml"))):
        with open(path, encoding="utf-8") as file:
            tests = yaml.load(file, Loader=yaml.BaseLoader)
        kind = tests.get("type") or {"inm-acta-to-alert": "inm.v1.Acta", "inm-acta-to-referral": "inm.v1.Acta",
                                     "kobo-to-referral": "civil_society.v1.KoboSubmission",
                                     "unicef-decision-to-status": "unicef.v1.ReferralDecision"}.get(tests.get("mapping"))
        for name, record in tests.get("records", {}).items():
            if kind in SENDERS:
                yield f"{os.path.basename(path)} {name}", kind, record


def check_places(wrong, name, field):
    if field["line"] is None or not os.path.exists(os.path.join(ROOT, field["line"]["file"])):
        wrong.append(f"{name}: {field['field']} has no line")
    if (field["table"] is None) != (field["table_row"] is None):
        wrong.append(f"{name}: {field['field']} has a table without a row, or a row without a table")
    if field["source"] is None and field["table"] is not None:
        wrong.append(f"{name}: {field['field']} comes from a table and from no field")


def check(name, kind, record, where):
    """What is wrong, and how many fields were looked at."""
    wrong, looked_at = [], 0
    file = os.path.join(where, "record.json")
    with open(file, "w", encoding="utf-8") as out:
        json.dump(record, out)
    given = ("--sender", SENDERS[kind], "--recorded", CLOCK, "--known", "x=00000000000000000000000000000000")
    code, said, errors = enlace("explain", "--type", kind, "--in", file, "--format", "json", *given)
    if code not in (0, 1) or not said:
        return [f"{name}: explain ended with {code}: {errors}"], 0
    explained = json.loads(said)
    for mapping in {event["mapping"] for event in explained["events"]}:
        events = [event for event in explained["events"] if event["mapping"] == mapping]
        code, said, _ = enlace("map", mapping, "--in", file, *given)
        outputs = list(documents(said)) if code == 0 else []
        if explained["held"] is None and len(outputs) != len(events):
            wrong.append(f"{name}: {mapping} made {len(outputs)} events, and {len(events)} are explained")
        for event, output in zip(events, outputs):
            fields = {without_numbers(f["field"]) for f in event["fields"]}
            for leaf in leaves(output):
                looked_at += 1
                if not covers(fields, leaf):
                    wrong.append(f"{name}: nothing says where {leaf} of {mapping} came from")
            for f in event["fields"]:
                check_places(wrong, name, f)
            looked_at += check_deliveries(wrong, name, event, output, where)
    return wrong, looked_at


def check_deliveries(wrong, name, event, output, where):
    looked_at, file = 0, os.path.join(where, "event.json")
    with open(file, "w", encoding="utf-8") as out:
        json.dump(output, out)
    for agency in event["agencies"]:
        if not agency["receives"] and not agency["reasons"] and not agency["deliveries"]:
            wrong.append(f"{name}: {agency['agency']} receives nothing, and nothing says why")
        for delivery in agency["deliveries"]:
            if delivery["reason"] is not None:
                continue
            view = re.search(r"mappings/([\w-]+)\.yaml", json.dumps(delivery)).group(1)
            code, said, errors = enlace("map", view, "--in", file, "--sender", "inm", "--recorded", CLOCK,
                                        "--recipient", f"{agency['agency']}/{delivery['agreement']}")
            if code != 0:
                wrong.append(f"{name}: {view} for {agency['agency']}: {errors}")
                continue
            fields = {without_numbers(f["field"]) for f in delivery["fields"]}
            hidden = {without_numbers(w["field"]) for w in delivery["withheld"]}
            for leaf in leaves(json.loads(said)):
                looked_at += 1
                if not covers(fields, leaf) and not covers(hidden, leaf):
                    wrong.append(f"{name}: nothing says where {leaf} of {view} for {agency['agency']} came from")
            for f in delivery["fields"]:
                check_places(wrong, name, f)
            for w in delivery["withheld"]:
                if not w["why"] or w["line"] is None or (w["label"] is None) == (w["by_person"] is None and "without a label" not in w["why"]):
                    wrong.append(f"{name}: {w['field']} is withheld from {agency['agency']} for no reason")
    return looked_at


# The same rules with expressions in place of steps and lists: (file, what stands there, what is said instead).
EXPRESSIONS = [
    ("mappings/inm-acta-to-referral.yaml", r"(?m)^  person.given_names: .*$", "  person.given_names: {cel: \"nombres.trim() + apellido_paterno\"}"),
    ("mappings/inm-acta-to-referral.yaml", r"\{nna: S, acompanamiento: \[SOLO, SEPARADO\]\}",
     "{cel: \"nna == 'S' && acompanamiento in ['SOLO', 'SEPARADO']\"}"),
    ("routes/child-protection.yaml", r"(?m)^when: .*$",
     "when: {cel: \"service in [Service.CHILD_PROTECTION, Service.ALTERNATIVE_CARE] && has(person.is_minor) && person.is_minor\"}"),
    ("mappings/referral-to-unicef-case.yaml", r"(?m)^  name_last: .*$", "  name_last: {cel: \"[person.surname_1, person.surname_2].join(' ')\"}"),
    ("mappings/referral-to-unicef-case.yaml", r"(?m)^  protection_concerns: .*$", "  protection_concerns: {cel: \"person.protection_concerns.map(c, c)\"}"),
]


def check_expressions(where):
    """Values and conditions that are expressions are explained like any others."""
    config = shutil.copytree(os.path.join(ROOT, "config"), os.path.join(where, "config"))
    for name, pattern, instead in EXPRESSIONS:
        with open(os.path.join(config, name), encoding="utf-8") as file:
            text, count = re.subn(pattern, lambda _, said=instead: said, file.read())
        if count == 0:
            return [f"expressions: {name} has no {pattern}"]
        with open(os.path.join(config, name), "w", encoding="utf-8") as file:
            file.write(text)
    record = os.path.join(where, "acta.json")
    with open(record, "w", encoding="utf-8") as out:
        json.dump({"FOLIO_ACTA": "1", "NOMBRES": "ANA", "APELLIDO_PATERNO": "MEJIA", "NNA": "S", "ACOMPANAMIENTO": "SOLO", "SERVICIOS": "PROTECCION"}, out)
    _, said, errors = enlace("explain", "--sender", "inm", "--recorded", CLOCK, "--recipient", "unicef", "--type", "inm.v1.Acta", "--in", record,
                             "--values", "--format", "json", "-c", os.path.join(config, "enlace.yaml"), "--schemas", "build/schemas")
    if not said:
        return [f"expressions: {errors}"]
    event = next(e for e in json.loads(said)["events"] if e["mapping"] == "inm-acta-to-referral")
    made = {f["field"]: f for f in event["fields"]}
    delivery = event["agencies"][0]["deliveries"][0]
    seen = {f["field"]: f for f in delivery["fields"]}
    found = [
        (made["person.givenNames"]["source"], "NOMBRES, APELLIDO_PATERNO"), (made["person.givenNames"]["value"], "ANAMEJIA"),
        (made["priority"]["decided_by"], "NNA, ACOMPANAMIENTO"), (made["priority"]["because"][:17], "Ley de Migracion,"),
        (seen["name_last"]["source"], "person.surname1, person.surname2"), (seen["name_last"]["columns"], "APELLIDO_PATERNO"),
        (seen["name_first"]["columns"], "NOMBRES, APELLIDO_PATERNO"),
        ([w["label"] for w in delivery["withheld"] if w["field"] == "protection_concerns"], ["indicator"]),
    ]
    found += [(os.path.basename(f["line"]["file"]), "inm-acta-to-referral.yaml") for f in (made["person.givenNames"], made["priority"])]
    return [f"expressions: {is_so}, not {wanted}" for is_so, wanted in found if is_so != wanted]


def main():
    passed = failed = looked_at = 0
    with tempfile.TemporaryDirectory() as where:
        for name, kind, record in records():
            wrong, count = check(name, kind, record, where)
            looked_at += count
            passed, failed = passed + (not wrong), failed + bool(wrong)
            for text in sorted(set(wrong)):
                print("FAIL", text)
        wrong = check_expressions(where)
        passed, failed = passed + (not wrong), failed + bool(wrong)
        for text in wrong:
            print("FAIL", text)
    if looked_at < 300:
        failed += 1
        print(f"FAIL only {looked_at} fields were looked at")
    print(f"{looked_at} fields\n{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
