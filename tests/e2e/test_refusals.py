#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""enlaced does not start on what is not safe or not whole: exit code 78, with the file and what to do, in the reader's language."""
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import PLAIN_USER, ROOT, Stage, run_tests  # noqa: E402


def start(stage, language="C", *options):
    """How enlaced ends that is to refuse, and the last line of its log."""
    stage.give_away()
    result = subprocess.run([os.path.join(stage.bin, "enlaced"), "-c", stage.path("config/enlace.yaml"), *options], capture_output=True,
                            check=False, timeout=60, cwd=stage.folder, env={**os.environ, "LC_ALL": language, "NO_COLOR": "1"}, **PLAIN_USER)
    lines = [line for line in result.stderr.decode().split("\n") if line.startswith("{")]
    return result.returncode, json.loads(lines[-1]) if lines else {}, result.stderr.decode()


def refuses(stage, event, english, spanish):
    for language, remedy in (("C.UTF-8", english), ("es_MX.UTF-8", spanish)):
        code, line, said = start(stage, language)
        assert code == 78 and line.get("event") == event and remedy in line["remedy"], (code, said)


def help_is_in_the_readers_language():
    binaries = os.path.abspath(os.environ.get("ENLACE_BIN", os.path.join(ROOT, "build/gcc/bin")))
    for program in ("enlaced", "enlace-adapter"):
        for language, words in (("C", "exit codes: 0 "), ("es_MX.UTF-8", "códigos de salida: 0 "), ("es_MX", "codigos de salida: 0 ")):
            result = subprocess.run([os.path.join(binaries, program), "--help"], capture_output=True, check=False, timeout=60,
                                    env={"LC_ALL": language})
            assert result.returncode == 0 and words in result.stdout.decode(), (program, language, result.stdout)
            result = subprocess.run([os.path.join(binaries, program), "--nonsense"], capture_output=True, check=False, timeout=60,
                                    env={"LC_ALL": language})
            assert result.returncode == 2 and words in result.stderr.decode() and not result.stdout, (program, language, result)


def prepared():
    stage = Stage()
    stage.prepare()
    stage.make_keys()
    return stage


def a_safe_and_whole_configuration_passes():
    with prepared() as stage:
        code, _, said = start(stage, "C", "--check")
        assert code == 0, said


def a_secret_key_that_others_can_read_is_refused():
    with prepared() as stage:
        stage.give_away()
        os.chmod(stage.path("secrets/broker.cert_secret"), 0o644)
        refuses(stage, "start.key_readable", "closed to others: chmod 600", "cerrada a otros: chmod 600")


def a_secret_of_ids_that_others_can_read_or_that_is_none_is_refused():
    with prepared() as stage:
        stage.write("secrets/id.secret", "00" * 32 + "\n", 0o640)
        stage.edit("config/enlace.yaml", r"^id_secret:.*$", f'id_secret: "{stage.path("secrets/id.secret")}"')
        refuses(stage, "start.secret_readable", "consider it known", "délo por conocido")
        stage.write("secrets/id.secret", "short\n", 0o600)
        refuses(stage, "start.secret_malformed", "64 hexadecimal digits", "64 dígitos hexadecimales")


def rules_with_an_error_and_no_rules_at_all_are_refused():
    with prepared() as stage:
        stage.write("config/routes/broken.yaml", "route: broken\n")
        refuses(stage, "start.rules", "correct the findings: enlace lint", "corrija los hallazgos: enlace lint")
        os.remove(stage.path("config/routes/broken.yaml"))
        for name in ("agencies", "agreements", "codes", "mappings", "routes", "subscriptions"):
            shutil.rmtree(stage.path("config", name))
        code, _, said = start(stage)
        assert code == 78 and "E0706" in said, (code, said)


if __name__ == "__main__":
    run_tests([help_is_in_the_readers_language, a_safe_and_whole_configuration_passes, a_secret_key_that_others_can_read_is_refused,
               a_secret_of_ids_that_others_can_read_or_that_is_none_is_refused, rules_with_an_error_and_no_rules_at_all_are_refused])
