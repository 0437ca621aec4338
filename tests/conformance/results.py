# SPDX-License-Identifier: Apache-2.0
"""build/conformance.json: one key a suite, each written by the script of that suite and left alone by the others."""
import json
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build")
PATH = os.path.join(BUILD, "conformance.json")


def record(suite, counts):
    """Sets what is known of one suite."""
    known = {}
    if os.path.exists(PATH):
        with open(PATH, encoding="utf-8") as file:
            known = json.load(file)
    known[suite] = counts
    fresh = PATH + ".new"
    with open(fresh, "w", encoding="utf-8") as file:
        json.dump(known, file, indent=2, sort_keys=True)
        file.write("\n")
    os.replace(fresh, PATH)
