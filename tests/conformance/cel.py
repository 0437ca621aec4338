#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the public suite of CEL (npm package @bufbuild/cel-spec) on our testee and counts by file. Where the suite says the tree that the parser
makes, or the types that the checker finds, those are compared too. argv: the folder of tests.json and cel.binpb, the testee. Ends with 1 when a test
fails that cel_skipped.txt does not name, or passes that it does: the list only shrinks."""
import base64
import collections
import json
import os
import re
import struct
import subprocess
import sys

from results import record

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = os.path.join(HERE, "cel_skipped.txt")
CORE = ["basic", "comparisons", "conversions", "dynamic", "enums", "fields", "fp_math", "integer_math", "lists", "logic", "macros", "namespace", "parse",
        "plumbing", "proto2", "proto3", "string", "timestamps", "type_deductions", "wrappers"]
# The suite prints trees with the standard macros alone, and counts what others would have become as plain calls.
PLAIN_MACROS = {"bindings_ext", "block_ext", "comprehension", "macros2", "math_ext", "optionals", "proto2_ext"}
QUOTED = r'b?"(?:[^"\\]|\\.)*"'
STRONG_ENUMS, SPECIFIED_DEPTH, TREE_ONLY = 1, 2, 4


def flags_of(test):
    flags = STRONG_ENUMS if test["section"].startswith("strong_") else 0
    if test["suite"] in ("parsing", "checking"):
        flags |= TREE_ONLY
    return flags | (SPECIFIED_DEPTH if test["suite"] == "parsing" else 0)


def run(testee, folder, tests):
    """An answer for each test: (verdict, tree, checked, word)."""
    requests = bytearray()
    for test in tests:
        body = base64.b64decode(test["test"])
        requests += struct.pack("<IB", len(body), flags_of(test)) + body
    done = subprocess.run([testee, os.path.join(folder, "cel.binpb")], input=bytes(requests), capture_output=True, check=False)
    lines = done.stdout.decode("utf-8", "replace").split("\n")
    answers = [tuple(line.split("\t")) for line in lines if line]
    if done.returncode != 0 or len(answers) != len(tests):
        at = tests[len(answers)] if len(answers) < len(tests) else {"file": "", "name": "the end"}
        sys.exit(f"the testee ended with {done.returncode} at {at['file']} {at['name']}\n{done.stderr.decode('utf-8', 'replace')[-2000:]}")
    return answers


def plain_tree(text):
    """The suite's notation of a tree as ours: no kinds, one blank for a line break, characters as they are in text and as bytes in bytes."""
    text = re.sub(r"\n\s*", " ", re.sub(r"\^#[^#]*#", "", text))

    def character(match):
        code = match.group(1) or match.group(2)
        return chr(int(code, 16)) if code else match.group(0)

    def characters(match):
        quoted = match.group(0)
        if quoted.startswith("b"):
            return "".join(c if ord(c) < 128 else "".join(f"\\x{b:02x}" for b in c.encode()) for c in quoted)
        return re.sub(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|.)", character, quoted)

    return re.sub(QUOTED, characters, text)


def type_tree(text):
    """A tree with types as the suite writes it, without the references behind them: name~type^reference."""
    text = plain_tree(text)
    out, at, before = "", 0, ""
    while at < len(text):
        quoted = re.compile(QUOTED).match(text, at)
        if quoted:
            out += quoted.group(0)
            at, before = quoted.end(), ""
        elif text.startswith("~test-only~", at):
            out += "~test-only~"
            at += len("~test-only~")
        elif text[at] == "~":
            kind = type_at(text, at + 1)
            out += "~" + ("dyn" if kind == "any" else kind)
            at += 1 + len(kind)
            if text[at:at + 1] == "^":
                name = before or (kind if out[:-len(kind) - 1].endswith("}") else "")
                rest = text[at + 1:]
                at += 1 + (len(name) if name and rest.startswith(name) else len(re.match(r"[\w.]+" if out[:-len(kind) - 1].endswith("}") else r"[\w@|]+", rest).group(0)))
            before = ""
        else:
            before = before + text[at] if re.match(r"[\w.@#]", text[at]) else ""
            out += text[at]
            at += 1
    return out.replace("type(optional_type(dyn))", "type(optional_type)")


def type_at(text, at):
    """The type that begins there: a name, and what stands in parentheses behind one that has parameters."""
    found = re.compile(r"(list|map|optional_type|wrapper|type)(?=\()|[\w.]+").match(text, at)
    end, depth = found.end(), 0
    while found.group(1) and (text[end:end + 1] == "(" or depth):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
        if depth == 0:
            break
    return text[at:end]


def verdict_of(test, answer):
    """Why the test failed; an empty text when it did not."""
    verdict, tree, checked, word = answer
    if "tree" in test and test["file"] not in PLAIN_MACROS and plain_tree(test["tree"]) != tree:
        return f"tree {tree or word} instead of {plain_tree(test['tree'])}"
    if test["suite"] == "parsing":
        refused = verdict == "refused" and word.startswith("parser")
        return "" if refused or "tree" in test else f"not refused: {tree}"
    # Where a test names a type itself, the testee compared that one.
    if "checked" in test and checked and not test["typed"] and test["section"][:7] != "strong_" and test["file"] != "block_ext":
        wanted, got = type_tree(test["checked"]), checked.replace("type(optional_type(dyn))", "type(optional_type)")
        if wanted != got:
            return f"types {got} instead of {wanted}"
    if test["suite"] == "checking" and "error" in test:
        return "" if verdict == "refused" else f"not refused: {checked}"
    if test["suite"] == "comprehension" and "error" in test and verdict == "refused":
        return ""
    return "" if verdict == "pass" else word


def builds_message(tree):
    """Whether the tree makes a message: a name before a brace."""
    return re.search(r"\w\{", re.sub(QUOTED, '""', tree)) is not None


def main():
    folder, testee = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    with open(os.path.join(folder, "tests.json"), encoding="utf-8") as file:
        tests = json.load(file)
    for test in tests:
        test["key"] = "/".join(part for part in (test["file"], test["section"], test["name"]) if part)
    with open(SKIPPED, encoding="utf-8") as file:
        skipped = dict(line.rstrip("\n").split(" # ", 1) for line in file if not line.startswith("#") and line.strip())
    counts = collections.OrderedDict()
    plain = {"passed": 0, "total": 0}
    wrong = []
    for test, answer in zip(tests, run(testee, folder, tests)):
        count = counts.setdefault(test["file"], {"passed": 0, "failed": 0, "skipped": 0, "total": 0})
        why = verdict_of(test, answer)
        passed = not why
        named = test["key"] in skipped
        count["total"] += 1
        count["skipped" if named else "passed" if passed else "failed"] += 1
        if test["file"] in CORE and not builds_message(answer[1]):
            plain["total"] += 1
            plain["passed"] += passed and not named
        if named and passed:
            wrong.append(f"  passes   {test['key']}: take it out of cel_skipped.txt")
        elif not named and not passed:
            wrong.append(f"  failed   {test['key']}: {why}")
    core = {key: sum(counts[name][key] for name in CORE) for key in ("passed", "failed", "skipped", "total")}
    for name, count in counts.items():
        words = ", ".join(f"{count[key]} {key}" for key in ("failed", "skipped") if count[key])
        print(f"cel {name}: {count['passed']} of {count['total']} pass{', ' + words if words else ''}")
    print(f"cel core: {core['passed']} of {core['total']} pass, {core['skipped']} skipped; {plain['passed']} of the {plain['total']} that build no message")
    print("\n".join(wrong), file=sys.stderr)
    record("cel", {"files": counts, "core": core, "core_without_messages": plain})
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
