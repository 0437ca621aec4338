#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The shipped rule set passes its own tests, and they reach what it says. What no test reaches is printed; below the floor it is a failure."""
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ENLACE = os.path.join(os.environ.get("ENLACE_BIN", os.path.join(ROOT, "build/gcc/bin")), "enlace")
FLOOR = 98.0  # per cent


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
    low = 100 * reached / everything < FLOOR
    print(f"{report['passed'] + (not low)} passed, {report['failed'] + low} failed")
    return 1 if failed or low else 0


if __name__ == "__main__":
    sys.exit(main())
