#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The JSON Schemas of the configuration files (`enlace config-schema`): they let through all of config/ and of the adapters'
settings, read as text and as an editor reads YAML, and refuse what lint refuses of a table."""
import copy
import functools
import glob
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile

import jsonschema
import yaml

from stage import ROOT, run_tests

ENLACE = os.path.join(os.environ.get("ENLACE_BIN", os.path.join(ROOT, "build/gcc/bin")), "enlace")
FOLDERS = {"agencies": "agency", "agreements": "agreement", "routes": "route", "subscriptions": "subscription",
           "mappings": "mapping", "codes": "table", "tests": "tests"}


class EditorLoader(yaml.SafeLoader):
    """Numbers and truth values as YAML 1.2 has them; a day stays text."""


EditorLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if tag != "tag:yaml.org,2002:timestamp"]
    for first, rows in copy.deepcopy(yaml.SafeLoader.yaml_implicit_resolvers).items()
}


def enlace(*arguments, lang="C"):
    return subprocess.run([ENLACE, *arguments], env={"LC_ALL": lang, "PATH": os.environ["PATH"]}, capture_output=True, text=True,
                          timeout=30, check=False)


@functools.lru_cache
def validator(kind):
    schema = json.loads(enlace("config-schema", kind).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def kind_of(path):
    parts = os.path.relpath(path, ROOT).split(os.sep)
    if parts[0] == "adapters":
        return "adapter"
    return "enlace" if parts[-1] == "enlace.yaml" else FOLDERS.get(parts[1])


def files():
    found = sorted(glob.glob(os.path.join(ROOT, "config/**/*.yaml"), recursive=True) +
                   glob.glob(os.path.join(ROOT, "adapters/*/adapter.yaml")))
    return [(path, kind_of(path)) for path in found]


def read(path, loader):
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader=loader)  # noqa: S506, our own loaders make plain data only


KINDS = ["agency", "agreement", "route", "subscription", "mapping", "table", "tests", "enlace", "adapter"]


def every_kind_has_a_valid_schema_that_says_what_its_keys_mean():
    assert sorted(enlace("config-schema").stdout.split()) == sorted(KINDS)
    for kind in KINDS:
        schema = validator(kind).schema
        for name, rows in [("", schema)] + [(n, d) for n, d in schema["$defs"].items() if "properties" in d]:
            for key, row in rows["properties"].items():
                assert row.get("description"), (kind, name, key)


def all_of_config_and_the_adapters_settings_are_let_through():
    validators = {kind: validator(kind) for kind in KINDS}
    seen = set()
    for path, kind in files():
        assert kind is not None, path
        seen.add(kind)
        for loader in (yaml.BaseLoader, EditorLoader):
            errors = [f"{path}: {e.json_path}: {e.message}" for e in validators[kind].iter_errors(read(path, loader))]
            assert not errors, errors
    assert seen == set(KINDS), seen


def every_shipped_file_names_its_schema_for_editors():
    for path, kind in files():
        with open(path, encoding="utf-8") as file:
            line = file.readline().strip()
        wanted = os.path.relpath(os.path.join(ROOT, "build/config-schemas", kind + ".json"), os.path.dirname(path))
        assert line == f"# yaml-language-server: $schema={wanted}", (path, line)


def a_misspelt_key_is_refused_by_the_schema_as_it_is_by_lint():
    for path, kind in files():
        whole = read(path, yaml.BaseLoader)
        key = list(whole)[-1]
        wrong = {(k + "x" if k == key else k): v for k, v in whole.items()}
        errors = list(validator(kind).iter_errors(wrong))
        assert any(key + "x" in e.message for e in errors), (path, [e.message for e in errors])
    with tempfile.TemporaryDirectory() as folder:
        copy_of = shutil.copytree(os.path.join(ROOT, "config"), os.path.join(folder, "config"))
        schemas = os.path.join(ROOT, "build/schemas")
        wanted, told = set(), set()
        for names, verb in ((["tests"], "test"), ([n for n in FOLDERS if n != "tests"], "lint")):
            for name in names:
                path = sorted(glob.glob(os.path.join(copy_of, name, "*.yaml")))[0]
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                with open(path, "w", encoding="utf-8") as file:
                    file.write(re.sub(rf"(?m)^({FOLDERS[name]}: .*)$", r"\1\nmisspelt: x", text))
                wanted.add(os.path.relpath(path, copy_of))
            said = json.loads(enlace(verb, copy_of, "--schemas", schemas, "--format", "json").stdout)
            told |= {os.path.relpath(f["file"], copy_of) for f in said["findings"] if (f["code"], f["detail"]) == ("E0103", "misspelt")}
        assert told == wanted, (told, wanted)


def what_lint_refuses_within_a_file_is_refused_too():
    def refused(kind, text, part):
        errors = [e.message for e in validator(kind).iter_errors(yaml.load(text, Loader=EditorLoader))]
        assert any(part in e for e in errors), (text, errors)

    agency = "agency: a\nkind: un\n"
    refused("agency", "agency: a\nkind: ngo\n", "'ngo' is not one of")
    refused("agency", "agency: a\n", "'kind' is a required property")
    refused("agency", agency + "operator: si\n", "'si' is not one of")
    refused("agency", agency + "sources: []\n", "[] is not valid under any of the given schemas")
    refused("route", "route: r\ntypes: Alert\npurpose: p\nsend_to: [{agency: a, answer_within: {decide: 4 horsa}}]\n", "4 horsa")
    refused("route", "route: r\ntypes: Alert\npurpose: p\nsend_to: [{agencia: a}]\n", "'agencia' was unexpected")
    refused("mapping", "mapping: m\nfrom: a.A\nto: b.B\nset: {x: {from: y, tabel: t}}\n", "{'from': 'y', 'tabel': 't'}")
    refused("agreement", "agreement: a\nfrom: x\nto: y\npurposes: p\nmay_see: {identity: total}\n"
            "valid: {first_day: 2026-01-01, last_day: 2026-12-31}\n", "'total' is not one of")
    refused("enlace", "limits: {event: 256 KB}\n", "256 KB")


def an_expression_stands_alone_and_is_one_text():
    bases = {"mapping": "mapping: m\nfrom: a.A\nto: b.B\nset: {x: y}\n", "route": "route: r\ntypes: Alert\npurpose: p\nsend_to: [{agency: a}]\n",
             "subscription": "subscription: s\nagency: a\npurpose: p\nreceives: Alert\nas: b.B\n"
                             "retry: {after: [1 s], give_up: 1 h, then: dead_letter}\n"}
    for kind, base in bases.items():
        for when, good in (("{cel: \"x == 'S'\"}", True), ("{x: S, y: [S, N], z: {not: S}}", True), ("{cel: [x]}", False), ("{cel: {x: y}}", False),
                           ("{cel: x, y: S}", False), ("{cel: ''}", False), ("{}", False)):
            errors = [e.message for e in validator(kind).iter_errors(yaml.load(f"{base}when: {when}\n", Loader=EditorLoader))]
            assert (not errors) == good, (kind, when, errors)
    start = "mapping: m\nfrom: a.A\nto: b.B\nset: {x: %s}\n"
    for value, good in (("{cel: a + 'x'}", True), ("{cell: a + 'x'}", False), ("{cel: [a]}", False),
                        ("{choose: [{when: {cel: a > 1}, is: S}], otherwise: hold}", True),
                        ("{choose: [{when: {cel: a > 1, b: c}, is: S}], otherwise: hold}", False)):
        errors = [e.message for e in validator("mapping").iter_errors(yaml.load(start % value, Loader=EditorLoader))]
        assert (not errors) == good, (value, errors)


def a_value_has_one_verb():
    start = "mapping: m\nfrom: a.A\nto: b.B\nset: {x: %s}\n"
    for value, good in (("y", True), ("{from: y, table: t}", True), ("{from: y, is: S}", False), ("{join: [a], each: b}", False), ("{table: t}", False),
                        ("{each: ys, called: y, set: {a: {is: S, cel: b}}}", False),
                        ("{choose: [{when: {a: b}, is: S}], otherwise: {is: T}}", True),
                        ("{choose: [{when: {a: b}, is: S, from: c}], otherwise: hold}", False),
                        ("{choose: [{when: {a: b}}], otherwise: hold}", False),
                        ("{from: y, if_empty: {is: S, from: z}}", False)):
        errors = [e.message for e in validator("mapping").iter_errors(yaml.load(start % value, Loader=EditorLoader))]
        assert (not errors) == good, (value, errors)


def the_descriptions_are_in_the_readers_language():
    schema = json.loads(enlace("config-schema", "agency", lang="es_MX.UTF-8").stdout)
    assert schema["properties"]["title"]["description"] == "el nombre completo", schema["properties"]["title"]


def what_lint_takes_in_an_odd_form_is_let_through_and_nothing_more():
    start = "mapping: m\nfrom: a.A\nto: b.B\nset: {x: %s}\n"
    route = "route: r\ntypes: Alert\npurpose: p\nsend_to: [{agency: a, answer_within: {decide: %s}}]\n"
    for kind, text, good in (("mapping", start % "{from: y, empty_if: ['', '-']}", True), ("mapping", start % "{from: y, empty_if: ''}", True),
                             ("mapping", start % "{from: y, clean: ['']}", False), ("mapping", start % "y" + "unused: {}\n", True),
                             ("mapping", "mapping: m\nfrom: a.A\nto: b.B\nset: {}\n", False),
                             ("route", route % "4  h", True), ("route", route % "4h", True), ("route", route % "4", False), ("route", route % "'4'", False),
                             ("agency", "agency: a\nkind: un\npublishes: []\n", True)):
        errors = [e.message for e in validator(kind).iter_errors(yaml.load(text, Loader=EditorLoader))]
        assert (not errors) == good, (text, errors)


def a_schema_that_finds_no_room_leaves_the_one_that_was_there():
    def little_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    with tempfile.TemporaryDirectory() as folder:
        assert enlace("config-schema", "--out", folder).returncode == 0
        before = {name: os.stat(os.path.join(folder, name)).st_ino for name in os.listdir(folder)}
        assert sorted(before) == sorted(kind + ".json" for kind in KINDS)
        result = subprocess.run([ENLACE, "config-schema", "--out", folder], env={"LC_ALL": "C"}, preexec_fn=little_room, capture_output=True,
                                text=True, timeout=30, check=False)
        assert result.returncode == 75 and result.stderr == f"enlace: {folder}: no room left\n", result
        assert before == {name: os.stat(os.path.join(folder, name)).st_ino for name in os.listdir(folder)}
        assert json.load(open(os.path.join(folder, "agency.json"), encoding="utf-8"))["title"] == "agency"


def an_unknown_kind_is_usage_with_the_nearest_one():
    result = enlace("config-schema", "maping")
    assert result.returncode == 2 and "did you mean mapping" in result.stderr, result


if __name__ == "__main__":
    run_tests([every_kind_has_a_valid_schema_that_says_what_its_keys_mean, all_of_config_and_the_adapters_settings_are_let_through,
               every_shipped_file_names_its_schema_for_editors, a_misspelt_key_is_refused_by_the_schema_as_it_is_by_lint,
               what_lint_refuses_within_a_file_is_refused_too, an_expression_stands_alone_and_is_one_text,
               a_value_has_one_verb, what_lint_takes_in_an_odd_form_is_let_through_and_nothing_more, the_descriptions_are_in_the_readers_language,
               a_schema_that_finds_no_room_leaves_the_one_that_was_there, an_unknown_kind_is_usage_with_the_nearest_one])
