#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`enlace convert` and protoc say the same of text format: what one writes the other reads, and both make the same bytes of it. What one refuses the
other refuses too."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ENLACE = os.path.join(os.environ.get("ENLACE_BIN", os.path.join(ROOT, "build/gcc/bin")), "enlace")
FILES = {"enlace.v1": ["enlace/v1/referral.proto", "enlace/v1/alert.proto"], "inm.v1": ["inm/v1/acta.proto"], "unicef.v1": ["unicef/v1/primero.proto"],
         "google.protobuf": ["google/protobuf/descriptor.proto", "enlace/v1/options.proto"]}
GOOD = [
    ("enlace.v1.Referral", """referral_id: "r-1" service: CHILD_PROTECTION  # a child
        person { given_names: "Dariela \\303\\261" "Nohemi" sex: FEMALE birth_date < year: 0x7dd month: 05 > nationalities: ["HND", 'GTM']
          identifiers [{type: "A"}, {value: "B\\n\\t\\"\\\\"}] age_years: 13; is_minor: t contacts {safe_to_call: false}, contacts: {} }"""),
    ("enlace.v1.Referral", 'kind: 3 priority: 99 person { age_years: 0 birth_date {} } referral_number: "" due_at { ms: -9223372036854775808 }'),
    ("enlace.v1.Alert", 'identifier: "\\x41\\101\\u00f1\\U0001F600" sent { offset_minutes: -0x1A } texts [] references: []'),
    ("inm.v1.Acta", 'folio_acta: "a" servicios: "x" servicios: "y"'),
    ("unicef.v1.Case", "age: 2147483647 estimated: False services_section {} services_section { unique_id: 'u' }"),
    ("google.protobuf.FieldOptions", "ctype: CORD uninterpreted_option { name { name_part: 'x' "
                                     "is_extension: true } double_value: -1.5e3 negative_int_value: -7 string_value: '\\377\\000' }"),
    ("google.protobuf.UninterpretedOption", "double_value: inf"),
    ("google.protobuf.UninterpretedOption", "double_value: .5f"),
    ("enlace.v1.Referral", ""),
]
BAD = [
    ("enlace.v1.Referral", 'referral_id: "a" referral_id: "b"'),
    ("enlace.v1.Referral", 'referralId: "a"'),
    ("enlace.v1.Referral", "service: NO_SUCH"),
    ("enlace.v1.Referral", 'person: "a"'),
    ("enlace.v1.Referral", "person { age_years: 2147483648 }"),
    ("enlace.v1.Referral", 'referral_id: "a'),
    ("enlace.v1.Referral", "person { is_minor: 2 }"),
    ("enlace.v1.Referral", "person { "),
    ("enlace.v1.Referral", "1: 5"),
    ("google.protobuf.FieldOptions", "ctype: 77"),
    ("google.protobuf.FieldOptions", "[enlace.v1.nothing]: 1"),
    ("google.protobuf.UninterpretedOption", "double_value: 0x10"),
]


def protoc(mode, message, data):
    package = message.rsplit(".", 1)[0]
    run = subprocess.run(["protoc", "-Ischemas", f"--{mode}={message}", *FILES[package]], cwd=ROOT, input=data, capture_output=True, check=False)
    return run.stdout if run.returncode == 0 else None


def enlace(source, target, message, data):
    run = subprocess.run([ENLACE, "convert", "-c", "config/enlace.yaml", "--type", message, "--from", source, "--to", target], cwd=ROOT, input=data,
                         capture_output=True, check=False)
    assert run.returncode in (0, 65), run.stderr
    return run.stdout if run.returncode == 0 else None


def main():
    passed, failed = 0, 0
    for message, text in GOOD:
        data = text.encode()
        theirs, ours = protoc("encode", message, data), enlace("text", "binary", message, data)
        written = enlace("binary", "text", message, theirs or b"")
        same = [theirs is not None and theirs == ours, written is not None and protoc("encode", message, written) == theirs,
                theirs is not None and enlace("text", "binary", message, protoc("decode", message, theirs)) == theirs]
        passed, failed = passed + all(same), failed + (not all(same))
        if not all(same):
            print(f"{message} {text!r}: {same} {theirs!r} {ours!r} {written!r}")
    for message, text in BAD:
        refused = [protoc("encode", message, text.encode()) is None, enlace("text", "binary", message, text.encode()) is None]
        passed, failed = passed + all(refused), failed + (not all(refused))
        if not all(refused):
            print(f"{message} {text!r}: refused by protoc and by us: {refused}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
