#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""README.md opens with commands and their real output: the targets are there, and what it says that `make demo` prints is what it prints, but for ids,
ports, positions and times."""
import difflib
import os
import re
import subprocess
import sys
import tempfile

from stage import ROOT, run_tests

CHANGES = [  # what differs from run to run, and what stands for it
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uuid>"),
    (r"\b[0-9a-f]{32}\b", "<id>"),
    (r"\b[0-9a-f]{16}\b", "<digest>"),
    (r"127\.0\.0\.1:\d+", "<address>"),
    (r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\dZ?", "<moment>"),
    (r"\b\d\d/\d\d/\d{4} \d\d:\d\d", "<moment>"),
    (r"\bfecha_remision = \"\d{4}-\d\d-\d\d\"", "fecha_remision = <day>"),
    (r"\bposition \d+", "position <n>"),
    (r" *\b\d+\.\d s\b", " <time>"),
]


def normal(text):
    for pattern, word in CHANGES:
        text = re.sub(pattern, word, text)
    return [line.rstrip() for line in text.strip().splitlines()]


def readme():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        return file.read()


def the_demo_prints_what_the_readme_says():
    # -S: with the standard library alone, since that is all that `make demo` finds on a fresh machine.
    run = subprocess.run(["/usr/bin/python3", "-S", os.path.join(ROOT, "tests/e2e/demo.py")], capture_output=True, check=False, timeout=120,
                         env={**os.environ, "NO_COLOR": "1"}, encoding="utf-8")
    assert run.returncode == 0, run.stdout + run.stderr
    shown = re.search(r"What `make demo` prints.*?```text\n(.*?)```", readme(), re.S)
    assert shown, "README.md does not show the demo"
    difference = list(difflib.unified_diff(normal(shown.group(1)), normal(run.stdout), "README.md", "make demo", lineterm=""))
    assert not difference, "\n".join(difference)


def the_commands_at_the_top_are_targets():
    targets = set(re.findall(r"^make (\w+)", readme(), re.M))
    assert {"demo", "test", "run", "help"} <= targets, targets
    listed = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, check=True, encoding="utf-8").stdout
    missing = [target for target in targets if not re.search(rf"^  make {target} +\S", listed, re.M)]
    assert not missing, (missing, listed)
    assert f"And `make help`:\n\n```text\n{listed}```\n" in readme(), listed


def a_step_that_does_not_happen_fails_the_demo():
    """The shelter's service says that it posted the form, and did not: nobody but COMAR's folder can tell."""
    with tempfile.TemporaryDirectory() as folder:
        curl = os.path.join(folder, "curl")
        with open(curl, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nfor word; do case $word in */kobo) printf '{}\\n202'; exit 0;; esac; done\nexec /usr/bin/curl \"$@\"\n")
        os.chmod(curl, 0o755)
        run = subprocess.run(["/usr/bin/python3", "-S", os.path.join(ROOT, "tests/e2e/demo.py")], capture_output=True, check=False, timeout=120,
                             env={**os.environ, "NO_COLOR": "1", "PATH": f"{folder}:/usr/bin:/bin", "STAGE_DEADLINE": "3"}, encoding="utf-8")
    assert run.returncode == 1, (run.returncode, run.stdout, run.stderr)
    assert "ACEPTADA" in run.stdout and "every step happened" not in run.stdout, run.stdout
    assert "it did not happen: 1 files in comar/solicitudes" in run.stderr, run.stderr


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    run_tests([the_demo_prints_what_the_readme_says, the_commands_at_the_top_are_targets, a_step_that_does_not_happen_fails_the_demo])
