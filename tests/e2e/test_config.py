#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The shipped rule set passes its own tests, and they reach what it says. What no test reaches is printed; below the floor it is a failure. And the
folders of the agencies' adapters are whole."""
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ENLACE = os.path.join(os.environ.get("ENLACE_BIN", os.path.join(ROOT, "build/gcc/bin")), "enlace")
FLOOR = 98.0  # per cent


def samples_that_do_not_fit():
    """Each agency has settings, a page, and samples of which the page speaks; a record of JSON is one of a message that the page says the agency has."""
    wrong = []
    folders = sorted(name for name in os.listdir(os.path.join(ROOT, "adapters")) if os.path.exists(os.path.join(ROOT, "adapters", name, "adapter.yaml")))
    for agency in folders:
        folder = os.path.join(ROOT, "adapters", agency)
        page = os.path.join(folder, "README.md")
        names = sorted(os.listdir(os.path.join(folder, "samples"))) if os.path.isdir(os.path.join(folder, "samples")) else []
        if not names or not os.path.exists(page):
            wrong.append(f"adapters/{agency}: no samples, or no README.md")
            continue
        with open(page, encoding="utf-8") as file:
            text = file.read()
        with open(os.path.join(folder, "adapter.yaml"), encoding="utf-8") as file:
            may_ignore = "unknown: ignore" in file.read()
        types = sorted(set(re.findall(r"^\| (?:sends|receives) \| `([\w.]+)`", text, re.M)))
        for name in names:
            if name.endswith(".json") and not any(fits(os.path.join(folder, "samples", name), type_, may_ignore) for type_ in types):
                wrong.append(f"adapters/{agency}/samples/{name}: no record of {', '.join(types)}")
            if name not in text:
                wrong.append(f"adapters/{agency}/README.md does not speak of {name}")
    return wrong if len(folders) >= 5 else wrong + ["fewer than five agencies"]


def fits(path, type_, may_ignore):
    with open(path, encoding="utf-8") as file:
        record = json.load(file)
    record = record["data"] if list(record) == ["data"] else record  # as Primero's webhook wraps it
    while True:
        run = subprocess.run([ENLACE, "convert", "-c", "config/enlace.yaml", "--type", type_, "--from", "json", "--lenient"], cwd=ROOT, check=False,
                             capture_output=True, input=json.dumps(record).encode(), timeout=60, env={**os.environ, "LC_ALL": "C"})
        unknown = re.search(r": (\w+): .*: the schema has no such key", run.stderr.decode())
        if not may_ignore or not unknown or unknown[1] not in record:
            return run.returncode == 0
        del record[unknown[1]]


def main():
    run = subprocess.run([ENLACE, "test", "config", "--coverage", "--format", "json"], cwd=ROOT, check=False,
                         capture_output=True, text=True, timeout=120)
    if run.returncode not in (0, 1):
        print(run.stderr)
        return run.returncode
    report = json.loads(run.stdout)
    failed = [t for t in report["tests"] if not t["passed"]]
    for test in failed:
        print(f"{test['at']['file']}:{test['at']['line']}: {test['name']}: {json.dumps(test['differences'])}")
    for item in report["coverage"]["not_reached"]:
        print(f"{item['at']['file']}:{item['at']['line']}: no test reaches {item['kind']} {item['what']}")
    reached, everything = report["coverage"]["reached"], report["coverage"]["all"]
    print(f"coverage {100 * reached / everything:.1f} % ({reached} of {everything})")
    wrong = samples_that_do_not_fit()
    print("\n".join(wrong))
    low = 100 * reached / everything < FLOOR
    print(f"{report['passed'] + (not low) + (not wrong)} passed, {report['failed'] + low + len(wrong)} failed")
    return 1 if failed or low or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
