#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compares `enlace schema check` with buf, whose category WIRE_JSON it follows: for every crafted pair of versions (buf/RULE/old.proto against
breaking.proto and fine.proto), and for pairs made by chance from numbered seeds, both must tell the same rules at the same places.
argv: a folder to work in, the program enlace. buf comes from npm, pinned, when the folder does not have it."""
import json
import os
import platform
import random
import subprocess
import sys

import buf_pairs
from results import record

HERE = os.path.dirname(os.path.abspath(__file__))
PAIRS = os.path.join(HERE, "buf")
VERSION = "1.75.0"
RANDOM_PAIRS = 200
CONFIG = json.dumps({"version": "v2", "breaking": {"use": ["WIRE_JSON"]}})


def fetch(folder):
    """The path of buf's program."""
    machine = {"x86_64": "x64", "aarch64": "aarch64"}[platform.machine()]
    program = os.path.join(folder, "node_modules", "@bufbuild", f"buf-linux-{machine}", "bin", "buf")
    if not os.path.exists(program):
        subprocess.run(["npm", "install", "--silent", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder,
                        f"@bufbuild/buf-linux-{machine}@{VERSION}"], check=True, stdout=sys.stderr)
    return program


def compile_proto(text, path):
    """Every version is one file, schema.proto."""
    os.makedirs(path + ".d", exist_ok=True)
    with open(os.path.join(path + ".d", "schema.proto"), "w", encoding="utf-8") as file:
        file.write(text)
    return subprocess.run(["protoc", f"-I{path}.d", "--include_imports", "--include_source_info", f"--descriptor_set_out={path}", "schema.proto"],
                          capture_output=True, check=False).returncode == 0


def verdict_of_buf(program, old, new):
    run = subprocess.run([program, "breaking", new, "--against", old, "--config", CONFIG, "--error-format=json"], capture_output=True, check=False)
    if run.returncode not in (0, 100):
        sys.exit(f"buf: {run.stderr.decode()}")
    told = [json.loads(line) for line in run.stdout.splitlines()]
    return {(t["type"], t["path"], t.get("start_line", 0), t.get("start_column", 0)) for t in told}


def verdict_of_enlace(program, old, new):
    run = subprocess.run([program, "schema", "check", "--format", "json", old, new], capture_output=True, check=False)
    if run.returncode not in (0, 1):
        sys.exit(f"enlace: {run.stderr.decode()}")
    breaches = json.loads(run.stdout)["breaches"]
    if bool(breaches) != (run.returncode == 1):
        sys.exit("enlace: the exit code does not say what the output does")
    return {(b["rule"], b["file"], b["line"], b["column"]) for b in breaches}


def without_places(verdict, theirs):
    """buf tells at 1:1 what stands nowhere in the new text, as an option that is gone; enlace tells it at what had it."""
    nowhere = {(rule, path) for rule, path, line, column in theirs if (line, column) == (1, 1)}
    return {(rule, path, 1, 1) if (rule, path) in nowhere else (rule, path, line, column) for rule, path, line, column in verdict}


class Comparison:
    def __init__(self, buf, enlace):
        self.buf, self.enlace = buf, enlace
        self.counts = {}

    def pair(self, suite, name, old, new, expected=None):
        """expected: the only rules that may be told, where the pair was made for them."""
        count = self.counts.setdefault(suite, {"passed": 0, "failed": 0, "total": 0})
        theirs, ours = verdict_of_buf(self.buf, old, new), verdict_of_enlace(self.enlace, old, new)
        theirs, ours = without_places(theirs, theirs), without_places(ours, theirs)
        rules = {rule for rule, *_ in theirs}
        is_good = theirs == ours and (expected is None or rules == expected)
        count["total"] += 1
        count["passed" if is_good else "failed"] += 1
        if not is_good:
            print(f"  failed   {suite} {name}")
            for title, told in (("buf alone", theirs - ours), ("enlace alone", ours - theirs)):
                for rule, path, line, column in sorted(told):
                    print(f"           {title}: {path}:{line}:{column} {rule}")
        return rules


def main():
    folder, enlace = os.path.abspath(sys.argv[1]), sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    comparison = Comparison(fetch(folder), enlace)
    sets = os.path.join(os.path.dirname(os.path.dirname(folder)), "schemas", "compat")
    for rule in sorted(os.listdir(PAIRS)):
        def path(version):
            return os.path.join(sets, rule, version + ".binpb")
        comparison.pair("rules", f"{rule} breaking", path("old"), path("breaking"), {rule})
        comparison.pair("rules", f"{rule} fine", path("old"), path("fine"), set())
    seen = set()
    for seed in range(RANDOM_PAIRS):
        versions = buf_pairs.make(random.Random(seed))
        paths = [os.path.join(folder, name) for name in ("old.binpb", "new.binpb")]
        if not all(compile_proto(text, path) for text, path in zip(versions, paths)):
            sys.exit(f"seed {seed}: protoc refuses what buf_pairs.py made")
        seen |= comparison.pair("random", f"seed {seed}", *paths)
    for suite, count in comparison.counts.items():
        print(f"buf {suite}: {count['passed']} of {count['total']} agree")
    comparison.counts["random"]["rules_seen"] = len(seen)
    print(f"buf random: {len(seen)} of {len(os.listdir(PAIRS))} rules were broken by chance")
    record("buf", comparison.counts)
    sys.exit(1 if any(count["failed"] for count in comparison.counts.values()) else 0)


if __name__ == "__main__":
    main()
