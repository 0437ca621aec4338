#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules that a machine can hold: which layer may include which, which folder owns which library, headers that stand
alone, sizes of files and functions, licence lines, the shape of the top level. Prints each breach with its place; the last line
is a tally. The include table here is the one of the design: a change of it is a change of the architecture."""
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LAYERS = {  # folder of broker/ -> what it may include besides itself
    "base": [],
    "wire": ["base"],
    "schema": ["base"],
    "conf": ["base"],
    "expr": ["base", "schema"],
    "map": ["base", "schema", "conf", "expr"],
    "rules": ["base", "schema", "conf", "expr", "map"],
    "trial": ["base", "schema", "conf", "map", "rules"],
    "journal": ["base"],
    "net": ["base", "wire"],
    "ctl": ["base", "wire"],
    "core": ["base", "wire", "schema", "conf", "expr", "map", "rules", "journal", "ctl"],
    "http": ["base", "ctl"],
    "cli": ["base", "wire", "schema", "conf", "expr", "map", "rules", "trial", "net", "ctl"],
    "daemon": ["base", "wire", "schema", "conf", "expr", "map", "rules", "journal", "net", "ctl", "core", "http"],
}
SDK = ["base", "wire", "schema", "conf", "net"]
CORE_JOURNAL = {"journal/record.h", "journal/store.h"}  # the core knows the seam, never who keeps the bytes
LIBRARIES = [  # header pattern -> the only places that may include it
    (r"sodium\.h", ["broker/base/crypto.c"]),
    (r"yaml\.h", ["broker/conf/"]),
    (r"lmdb\.h", ["broker/journal/", "tests/bench/"]),
    (r"c?zmq(_.*)?\.h|z[a-z]+\.h", ["broker/net/", "tests/"]),
    (r"microhttpd\.h", ["broker/http/", "adapters/connectors/http/", "tests/"]),
    (r"curl/.*", ["adapters/connectors/http/"]),
    (r"jansson\.h", ["broker/wire/", "broker/ctl/", "broker/cli/", "adapters/connectors/http/", "tests/"]),
    (r"google/protobuf/descriptor\.pb-c\.h", ["broker/schema/", "tests/unit/schema/", "tests/unit/wire/"]),
    (r".*\.pb-c\.h|protobuf-c/.*", ["broker/wire/", "broker/schema/", "tests/"]),
]
# One thread each: these read clocks or randomness; everyone else is told (design 2.6).
CLOCK_CALLS = re.compile(r"\b(clock_gettime|gettimeofday|time\(NULL\)|clock_now|getrandom|crypto_random|rand)\s*\(")
PURE = ["wire", "schema", "conf", "expr", "map", "rules", "trial", "core", "ctl"]
FILE_LINES, FUNCTION_LINES = 500, 70
TOP = {"broker", "adapters", "schemas", "config", "tests", "docker", "Makefile", "README.md", "LICENSE"}

breaches = []
checks = 0


def breach(path, line, text):
    breaches.append(f"{os.path.relpath(path, ROOT)}:{line}: {text}")


def sources(*folders):
    for folder in folders:
        for base, _, names in os.walk(os.path.join(ROOT, folder)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.join(base, name)


def check_includes(path, text):
    relative = os.path.relpath(path, ROOT)
    parts = relative.split(os.sep)
    for number, line in enumerate(text.split("\n"), 1):
        found = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
        if not found:
            continue
        name = found.group(2)
        if ".." in name.split("/"):
            breach(path, number, f"include by path from the root, not {name}")
        for pattern, places in LIBRARIES:
            if re.fullmatch(pattern, name):
                if not any(relative.startswith(place) for place in places):
                    breach(path, number, f"{name} may be included in {', '.join(places)} only")
                break
        layer = name.split("/")[0]
        if found.group(1) != '"' or layer not in LAYERS:
            continue
        if parts[0] == "broker":
            here = parts[1]
            if layer != here and layer not in LAYERS[here]:
                breach(path, number, f"{here}/ may not include {layer}/: a layer only points down")
            if here == "core" and layer == "journal" and name not in CORE_JOURNAL:
                breach(path, number, f"core/ knows the journal's seam only, not {name}")
        elif relative.startswith("adapters/sdk") and layer not in SDK:
            breach(path, number, f"the SDK may not include {layer}/")
        elif relative.startswith("adapters/connectors"):
            breach(path, number, "a connector is written against <enlace/adapter.h> alone")


def check_shape(path, text):
    lines = text.split("\n")
    relative = os.path.relpath(path, ROOT)
    if not lines[0].startswith("// SPDX-License-Identifier: Apache-2.0"):
        breach(path, 1, "the first line is the licence line")
    if len(lines) > FILE_LINES + 1:
        breach(path, len(lines), f"{len(lines) - 1} lines: split by idea (at most {FILE_LINES})")
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{" and path.endswith(".c"):
            start = number
        elif line == "}" and start is not None:
            if number - start - 1 > FUNCTION_LINES:
                breach(path, start, f"a function of {number - start - 1} lines (at most {FUNCTION_LINES})")
            start = None
    parts = relative.split(os.sep)
    if parts[0] == "broker" and parts[1] in PURE:
        for number, line in enumerate(lines, 1):
            if CLOCK_CALLS.search(line.split("//")[0]):
                breach(path, number, "no clock and no randomness in this layer: it is told")


def check_header(path):
    command = [os.environ.get("CC", "gcc"), "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
               "-I" + os.path.join(ROOT, "broker"), "-I" + os.path.join(ROOT, "build/gen"),
               "-I" + os.path.join(ROOT, "adapters/sdk/include"), "-I" + os.path.join(ROOT, "adapters"), "-I" + os.path.join(ROOT, "tests"), "-include", path, "-xc", "/dev/null"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if result.returncode == 0 else result.stderr.strip().split("\n")[0]


def check_headers(paths):
    # In a checkout where nothing was built yet, what they include is not there.
    subprocess.run(["make", "-s", "generated-headers"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with ThreadPoolExecutor(2) as pool:
        for path, error in zip(paths, pool.map(check_header, paths)):
            if error:
                breach(path, 1, f"does not compile alone: {error}")


def check_format(paths):
    result = subprocess.run(["clang-format", "--dry-run", "-Werror", *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    seen = set()
    for line in result.stderr.split("\n"):
        found = re.match(r"(.*?):(\d+):\d+: error:", line)
        if found and found.group(1) not in seen:
            seen.add(found.group(1))
            breach(found.group(1), found.group(2), "run clang-format -i on it")


# ---- sentences: what a finding says stands in English where it is said, and in Spanish in base/say*.tbl.h ------------------

STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
CONVERSION = re.compile(r"%[-+ #0-9.*]*(?:hh|h|ll|l|z)?[a-zA-Z%]")
# What takes sentences, and which of its arguments (from 0) are such: those that are literals are looked up.
SENTENCES = {"findings_add": (3, 4), "findings_say": (1,), "load_finding": (2,), "compat_add": (6,), "SAY": (1,), "does_not_belong": (2, 3), "not_allowed": (2,),
             "bind_wrong_form": (2,), "bind_text": (2,), "bind_list": (2,), "wants_text_target": (3,), "cannot_become": (4,)}

# What one program alone says stands in a table of its own: folder -> (table, calls that take its sentences).
PROGRAMS = {"broker/cli": ("broker/cli/say.tbl.h", {}),
            "broker/schema/json": ("broker/base/say.tbl.h", {"json_in_fail": (2,), "fail": (2,), "take_time": (4,)}),
            "broker/schema/text": ("broker/base/say.tbl.h", {"fail": (1, 2)}),
            "broker/schema/record": ("broker/base/say.tbl.h", {"tell": (3,)}),
            "broker/expr": ("broker/base/say.tbl.h", {"cel_fail": (3,), "cel_check_fail": (4,), "cel_unexpected": (1,), "cel_expect": (2,),
                                                      "compile_fail": (3,), "regex_fail": (2,)}),
            "broker/core": ("broker/base/say.tbl.h", {"put_remedy": (1,)}),
            "broker/daemon": ("broker/daemon/say.tbl.h", {"daemon_say": (0,), "refuse": (2,), "complain": (2,)}),
            "adapters/": ("adapters/sdk/say.tbl.h", {"enlace_say": (0,), "complain": (2,), "tell": (3, 4), "check": (2, 4),
                                                   "submit_refuse": (3, 4), "reject_row": (1,)})}
OPTION = re.compile(r'\{\s*"[a-z-]+",\s*(?:true|false),\s*"((?:[^"\\]|\\.)*)"\s*\}')


def arguments(text, at):
    """The arguments of a call from just behind its bracket: each as text."""
    found, depth, start, quoted = [], 0, at, False
    while at < len(text):
        c = text[at]
        if quoted:
            at += c == "\\"
            quoted = c != '"'
        elif c == '"':
            quoted = True
        elif c in "([{":
            depth += 1
        elif c in ")]}" and depth > 0:
            depth -= 1
        elif c == ")":
            return found + [text[start:at]]
        elif c == "," and depth == 0:
            found.append(text[start:at])
            start = at + 1
        at += 1
    return found


def sentences_of(argument):
    """The literals of one argument: those that stand side by side are one, those of `a ? "x" : "y"` are several."""
    for literal in re.split(r"[?:](?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", argument.replace('\\"', "\0")):
        text = "".join(STRING.findall(literal)).replace("\0", '\\"')
        if text:
            yield text


def conversions(text):
    return [c for c in CONVERSION.findall(text) if c != "%%"]


def spoken(*names):
    """English -> Spanish, of these tables."""
    pairs = {}
    for name in names:
        path = os.path.join(ROOT, name)
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            found = re.match(r'EN_SAY\("((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\)$', line.rstrip("\n"))
            if not found:
                if line.startswith("EN_SAY"):
                    breach(path, number, "one EN_SAY(english, spanish) in a line")
                continue
            english, spanish = found.groups()
            if english in pairs:
                breach(path, number, "the sentence stands twice")
            if "%" in english and conversions(english) != conversions(spanish):
                breach(path, number, "the conversions of both languages differ")
            pairs[english] = spanish
    return pairs


def spoken_beside(table, pairs):
    """The sentences of a program's own table: what base/ says already is not said again, in other words at the worst."""
    own = {} if table.startswith("broker/base/") else spoken(table)
    for english in sorted(own.keys() & pairs.keys()):
        breach(os.path.join(ROOT, table), 0, f'"{english}" has its Spanish in base/ already')
    return own


def need_spanish(path, text, at, sentence, pairs, table="base/say.tbl.h"):
    # One word alone is a name, and what is left of "%s: %s" without its conversions needs no translation.
    if sentence not in pairs and " " in sentence and re.search(r"[A-Za-z]{2}", CONVERSION.sub("", sentence)):
        breach(path, text.count("\n", 0, at) + 1, f'no Spanish in {table} for "{sentence}"')


def check_sentences(path, text, pairs):
    for call in re.finditer(r"\b(" + "|".join(SENTENCES) + r")\(", text):
        given = arguments(text, call.end())
        for at in SENTENCES[call.group(1)]:
            for sentence in sentences_of(given[at]) if at < len(given) else []:
                need_spanish(path, text, call.start(), sentence, pairs)
    for found in re.finditer(r'(?:\.help|\*(?:reterr_)?(?:problem|hint|text)) = "((?:[^"\\]|\\.)*)"', text):
        need_spanish(path, text, found.start(), found.group(1), pairs)


def check_program(path, text, table, calls, pairs):
    """What a program says, and the help of its options."""
    for call in re.finditer(r"(?<![\w>.])(" + "|".join(calls or ["-"]) + r")\(", text):
        given = arguments(text, call.end())
        for at in calls[call.group(1)]:
            for sentence in sentences_of(given[at]) if at < len(given) else []:
                need_spanish(path, text, call.start(), sentence, pairs, table)
    for option in OPTION.finditer(text):
        need_spanish(path, text, option.start(), option.group(1), pairs, table)


def check_top():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    # git says nothing about a clone of somebody else's, as when make test is run with sudo.
    tracked = listed.stdout.split() if listed.returncode == 0 else set(os.listdir(ROOT)) - {"build"}
    for name in sorted({t.split("/")[0] for t in tracked}):
        if name not in TOP and not name.startswith("."):
            breach(os.path.join(ROOT, name), 0, "does not belong to the top level")


def check_protocol():
    """Every numbered MUST of PROTOCOL.md has a row that names tests, and these are there."""
    path = os.path.join(ROOT, "schemas/PROTOCOL.md")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    rows = dict(re.findall(r"^\| (ENL-\d+) \|[^|]*\| ([^|]*) \|$", text, re.M))
    for number in sorted(set(re.findall(r"\*\*(?:\()?(ENL-\d+)", text)) ^ set(rows)):
        breach(path, 0, f"{number} has no row in the table, or no MUST")
    for number, shown in rows.items():
        tested = ""
        for part in re.split(r"[;,]\s*", shown):
            named = re.fullmatch(r"(?:(tests/\S+): )?(\w+)", part)
            if named and named[1] and os.path.exists(os.path.join(ROOT, named[1])):
                with open(os.path.join(ROOT, named[1]), encoding="utf-8") as file:
                    tested = file.read()
            if not named or not re.search(rf"\b{named[2]}\(", tested):
                breach(path, 0, f"{number} names a test that is not there: {part}")


DIFFICULTIES = 42  # of mapping real records, which the language of mappings must answer: one test for each


def check_difficulties():
    """Each test of tests/unit/map/test_difficulties_*.c begins with the number of what it answers, and no number is left out."""
    folder = os.path.join(ROOT, "tests/unit/map")
    found = {}
    for path in sources("tests/unit/map"):
        if not os.path.basename(path).startswith("test_difficulties_"):
            continue
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for test in re.finditer(r"^static void\n\w+\(void \*\*state\)\n\{\n(?:\t(?!//).*\n|\n)*\t// (\d+): ", text, re.M):
            line = text.count("\n", 0, test.end()) + 1
            if test[1] in found:
                breach(path, line, f"difficulty {test[1]} has a test already: {found[test[1]]}")
            elif not 1 <= int(test[1]) <= DIFFICULTIES:
                breach(path, line, f"there is no difficulty {test[1]}")
            found[test[1]] = f"{os.path.basename(path)}:{line}"
    for number in range(1, DIFFICULTIES + 1):
        if str(number) not in found:
            breach(folder, 0, f"difficulty {number} has no test")


UNIT_OF_ADAPTERS = {"sdk", "connectors"}
WITHOUT_UNIT = {"daemon"}  # threads, signals and sockets: played by the end-to-end tests
SLEEP = re.compile(r"\b(u|nano|clock_nano)?sleep\s*\(")


def check_tests():
    """Unit tests mirror the folders, and no test waits for time to pass."""
    units = os.path.join(ROOT, "tests/unit")
    wanted = (set(LAYERS) - WITHOUT_UNIT) | UNIT_OF_ADAPTERS
    for name in sorted(wanted ^ set(os.listdir(units))):
        breach(os.path.join(units, name), 0, "a folder without unit tests, or unit tests of no folder")
    for name in sorted(wanted):
        if not any(found.startswith("test_") for found in os.listdir(os.path.join(units, name))):
            breach(os.path.join(units, name), 0, "no tests")
    for folder in ("tests/unit", "tests/e2e", "tests/support"):
        for base, _, names in os.walk(os.path.join(ROOT, folder)):
            for path in (os.path.join(base, name) for name in names if name.endswith((".c", ".h", ".py"))):
                with open(path, encoding="utf-8") as file:
                    for number, line in enumerate(file, 1):
                        if SLEEP.search(line):
                            breach(path, number, "no sleeps: wait for what happens")


def main():
    global checks
    everything = list(sources("broker", "adapters", "tests"))
    pairs = spoken("broker/base/say.tbl.h", "broker/base/say_keys.tbl.h")
    programs = [(folder, table, calls, {**spoken_beside(table, pairs), **pairs}) for folder, (table, calls) in PROGRAMS.items()]
    for path in everything:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if os.path.relpath(path, ROOT).startswith("broker/") and path.endswith(".c"):
            check_sentences(path, text, pairs)
        for folder, table, calls, known in programs:
            if os.path.relpath(path, ROOT).startswith(folder):
                check_program(path, text, table, calls, known)
        check_includes(path, text)
        check_shape(path, text)
        checks += 2
    headers = [p for p in sources("broker", "adapters") if p.endswith(".h") and not p.endswith(".tbl.h")]
    check_headers(headers)
    check_format([p for p in everything if p.endswith(".c")])
    check_top()
    check_protocol()
    check_difficulties()
    check_tests()
    checks += len(headers) + 5
    for line in breaches:
        print(line)
    print(f"{checks - len(breaches) if checks > len(breaches) else 0} passed, {len(breaches)} failed")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
