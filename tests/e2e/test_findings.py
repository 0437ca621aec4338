#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every finding, as a person sees it: the examples of its page (broker/cli/pages/CODE.md) played on a small rule set.

  the wrong example brings up the code, and all that `enlace lint` says of it, in English, Spanish and JSON, is as written in
  findings/CODE.txt; the right example, applied after it, leaves nothing to say.

A new code needs its page, and its golden text:  tests/e2e/test_findings.py --write CODE   (read what it wrote!)"""
import datetime
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from stage import ROOT

ENLACE = os.path.join(os.environ.get("ENLACE_BIN", os.path.join(ROOT, "build/gcc/bin")), "enlace")
PAGES = os.path.join(ROOT, "broker/cli/pages")
HERE = os.path.join(ROOT, "tests/e2e/findings")
SOON = (datetime.date.today() + datetime.timedelta(days=20)).isoformat()


def table():
    with open(os.path.join(ROOT, "broker/base/finding.tbl.h"), encoding="utf-8") as file:
        return re.findall(r"^EN_FINDING\((\w+),", file.read(), re.M)


def page(code):
    """The examples of a page: [("Wrong" or "Right", path or "sh", text)]."""
    with open(os.path.join(PAGES, code + ".md"), encoding="utf-8") as file:
        return re.findall(r"^## (Wrong|Right): (\S+)\n\n```\w+\n(.*?)```$", file.read(), re.M | re.S)


def apply(folder, examples, which):
    """Writes and runs what the examples say. The last line of commands may be one of enlace, which then says what lint would
    say otherwise; it is returned."""
    command = None
    for kind, path, text in examples:
        if kind == which and path == "sh":
            lines = text.strip().split("\n")
            command = lines.pop() if lines[-1].startswith("enlace ") else command
            text = "\n".join(lines)
            result = subprocess.run(["sh", "-e", "-c", text], cwd=folder, capture_output=True, text=True, check=False)
            if result.returncode != 0:
                raise ValueError(f"{text}{result.stderr}")
        elif kind == which:
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
            with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
                file.write(text)
    return command


def enlace(folder, command, lang, *options):
    """What the command, or lint, says of the rule set in this language."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": lang, "TZ": "UTC"}
    words = command.split()[1:] if command else ["lint", "rules", "--schemas", "rules/schemas"]
    result = subprocess.run([ENLACE, *words, *options], cwd=folder if command else os.path.dirname(folder), env=environment,
                            capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode in (0, 1, 65), result
    return (result.stdout + (result.stderr if command and command.startswith("enlace test") else "")).replace(SOON, "2026-12-20")


def said(folder, command):
    return "".join(f"---- {title}\n{enlace(folder, command, lang, *options)}" for title, lang, options in (
        ("English", "C.UTF-8", ()), ("Español", "es_MX.UTF-8", ()), ("JSON", "C.UTF-8", ("--format", "json"))))


def rule_set(where, schemas):
    folder = os.path.join(where, "rules")
    shutil.copytree(os.path.join(HERE, "base"), folder)
    shutil.copytree(schemas, os.path.join(folder, "schemas"))
    os.makedirs(os.path.join(folder, "proto"))
    for path in glob.glob(os.path.join(HERE, "*.proto")):
        shutil.copy(path, os.path.join(folder, "proto"))
    for shared in ("enlace", "io"):
        os.symlink(os.path.join(ROOT, "schemas", shared), os.path.join(folder, "proto", shared))
    return folder


def play(code, schemas, write):
    """What is wrong with the code's page or golden text; None when all is well."""
    golden = os.path.join(HERE, code + ".txt")
    if not os.path.exists(os.path.join(PAGES, code + ".md")):
        return f"broker/cli/pages/{code}.md is missing"
    examples = page(code)
    if not any(kind == "Wrong" for kind, _, _ in examples) or not any(kind == "Right" for kind, _, _ in examples):
        return f"{code}.md needs a wrong and a right example"
    with tempfile.TemporaryDirectory() as where:
        folder = rule_set(where, schemas)
        try:
            wrong = said(folder, apply(folder, examples, "Wrong"))
        except ValueError as error:
            return f"{code}.md: {error}"
        if f"[{code}]" not in wrong:
            return f"the wrong example of {code}.md does not bring it up:\n{wrong}"
        try:
            right = enlace(folder, apply(folder, examples, "Right"), "C")
        except ValueError as error:
            return f"{code}.md: {error}"
        if re.search(r"\[[EW]\d{4}\]", right):
            return f"the right example of {code}.md is not clean:\n{right}"
    if write:
        with open(golden, "w", encoding="utf-8") as file:
            file.write(wrong)
    if not os.path.exists(golden):
        return f"tests/e2e/findings/{code}.txt is missing; write it with: tests/e2e/test_findings.py --write {code}"
    with open(golden, encoding="utf-8") as file:
        wanted = file.read()
    return None if wrong == wanted else f"{code} is not as in tests/e2e/findings/{code}.txt:\n{wrong}"


def main():
    write = "--write" in sys.argv
    only = [a for a in sys.argv[1:] if not a.startswith("--")]
    codes = only or table()
    names = {os.path.basename(p)[:-3] for p in glob.glob(os.path.join(PAGES, "*.md"))}
    wrong = [f"broker/cli/pages/{n}.md is of no code" for n in sorted(names - set(table()))]
    with tempfile.TemporaryDirectory() as schemas, ThreadPoolExecutor(2) as pool:
        for name, include, files in (("enlace", "schemas", glob.glob(os.path.join(ROOT, "schemas/enlace/v1/*.proto"))),
                                     ("ejemplo", "tests/e2e/findings", [os.path.join(HERE, "ejemplo.proto")]),
                                     ("antiguo", "tests/e2e/findings", [os.path.join(HERE, "antiguo.proto")])):
            subprocess.run(["protoc", "-I" + os.path.join(ROOT, "schemas"), "-I" + os.path.join(ROOT, include), "--include_imports",
                            f"--descriptor_set_out={schemas}/{name}.binpb", *files], check=True)
        wrong += [w for w in pool.map(lambda code: play(code, schemas, write), codes) if w]
    for text in wrong:
        print("FAIL", text)
    print(f"{max(0, len(codes) - len(wrong))} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
