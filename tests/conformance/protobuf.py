#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs Google's conformance suite for protobuf on our testee, recommended tests included, and counts by what goes in and what comes out.
argv: the folder of the runner, the testee. Ends with 1 when a test fails that protobuf_failures.txt does not name, or passes that it does."""
import os
import re
import subprocess
import sys

from results import record

HERE = os.path.dirname(os.path.abspath(__file__))
FAILURES = os.path.join(HERE, "protobuf_failures.txt")
GOALS = {"binary": 1302, "json": 715, "text_format": 120}


def suite_of(name):
    """"Required.Proto3.JsonInput.Name.ProtobufOutput" -> json."""
    if "TextFormat" in name:
        return "text_format"
    return "json" if "Json" in name else "binary"


def main():
    folder, testee = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    run = subprocess.run([os.path.join(folder, "conformance_test_runner"), "--enforce_recommended", "--verbose", "--failure_list", FAILURES,
                          testee, os.path.join(folder, "messages.binpb")], cwd=folder, capture_output=True, check=False)
    text = run.stderr.decode("utf-8", "replace")
    counts = {suite: {"passed": 0, "failed": 0, "expected_failures": 0, "skipped": 0, "total": 0} for suite in ("binary", "json", "text_format")}
    with open(FAILURES, encoding="utf-8") as file:
        expected = {line.split("#")[0].strip() for line in file} - {""}
    named = {"failed": set(re.findall(r"^ERROR, test=([^:\s]+)", text, re.M)), "skipped": set(re.findall(r"^SKIPPED, test=(\S+)", text, re.M)), "expected_failures": expected}
    for name in re.findall(r"^conformance test: name=((?!FindFailures)[^,\s]+)", text, re.M):
        verdict = next((v for v, names in named.items() if name in names), "passed")
        counts[suite_of(name)][verdict] += 1
        counts[suite_of(name)]["total"] += 1
    for name in sorted(named["failed"]):
        print(f"  failed   {name}")
    for suite, count in counts.items():
        count["goal"] = GOALS.get(suite, 0)
        words = ", ".join(f"{count[v]} {v.replace('_', ' ')}" for v in named if count[v] > 0)
        print(f"protobuf {suite}: {count['passed']} of {count['total']} pass{', ' + words if words else ''}")
    record("protobuf", counts)
    short = [s for s, goal in GOALS.items() if counts[s]["passed"] + counts[s]["expected_failures"] < goal]
    if run.returncode != 0 or short:
        print("\n".join(line[:400] for line in text.splitlines() if line.startswith("ERROR")), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
