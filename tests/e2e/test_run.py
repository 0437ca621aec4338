#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`make run`: what its script does, in a tree of its own with ports that are free."""
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile

from stage import ROOT, Program, run_tests

BIN = os.environ.get("ENLACE_BIN", os.path.join(ROOT, "build/gcc/bin"))


def tree(folder):
    """As much of a clone as the script needs."""
    shutil.copytree(os.path.join(ROOT, "config"), os.path.join(folder, "config"))
    shutil.copytree(os.path.join(ROOT, "build/schemas"), os.path.join(folder, "build/schemas"))
    os.makedirs(os.path.join(folder, "tests/e2e"))
    script = shutil.copy(os.path.join(ROOT, "tests/e2e/run.py"), os.path.join(folder, "tests/e2e"))
    settings = os.path.join(folder, "config/enlace.yaml")
    with open(settings, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"(?m)^listen:.*$", 'listen: "tcp://127.0.0.1:*"', text)
    text = re.sub(r"(?m)^http:.*$", 'http: "127.0.0.1:0"', text)
    with open(settings, "w", encoding="utf-8") as file:
        file.write(text)
    return script, settings


def as_in_readme(line, folder):
    """What differs from machine to machine and from rule set to rule set, as the README has it."""
    for pattern, word in ((re.escape(folder), "/srv/enlace"), (r"\S*/enlace status", "build/gcc/bin/enlace status"),
                          (r'"time":"[^"]*"', '"time":""'), (r'"rules":"[^"]*"', '"rules":""'),
                          (r'(tcp://|"http":")127\.0\.0\.1:\d+', r"\g<1>127.0.0.1:0")):
        line = re.sub(pattern, word, line)
    return line


def readme():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        block = re.search(r"^```text\n(run: .*?)^```$", file.read(), re.M | re.S)[1]
    return [as_in_readme(line, "/srv/enlace") for line in block.splitlines()]


def the_shipped_config_starts_and_the_line_it_prints_asks_for_its_status():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        script, settings = tree(folder)
        broker = Program("run", ["/usr/bin/python3", script], cwd=folder, user={})  # by root: it changes its user itself
        try:
            broker.wait("ready")
            key = os.path.join(folder, "build/run/keys/operations.cert_secret")
            shown = subprocess.run([os.path.join(BIN, "enlace"), "status", "-c", settings, "--key", key], capture_output=True,
                                   text=True, timeout=20, check=False)
            assert shown.returncode == 0 and "unicef-referrals" in shown.stdout, shown
            said = [as_in_readme(line, folder) for line in broker.raw]
            assert said == readme(), "\n".join(said)
        finally:
            code = broker.stop()
        assert code == 0, code


def user_of(program):
    with open(f"/proc/{program.process.pid}/status", encoding="ascii") as file:
        return [int(number) for number in re.search(r"^Uid:(.*)$", file.read(), re.M)[1].split()]


def started_by_root_it_serves_as_nobody_whatever_the_umask_and_where_nobody_may_enter():
    if os.geteuid() != 0:
        print("        skipped: this is not root")
        return
    nobody = pwd.getpwnam("nobody").pw_uid
    for mode in (0o755, 0o700):  # of the clone: what nobody cannot enter is copied
        with tempfile.TemporaryDirectory() as outer:
            os.chmod(outer, 0o755)
            folder = os.path.join(outer, "clone")
            os.mkdir(folder)
            os.chmod(folder, mode)
            script, settings = tree(folder)
            with open(script, encoding="utf-8") as file:
                text = file.read()
            with open(script, "w", encoding="utf-8") as file:
                file.write(text.replace("/var/tmp/enlace-run", os.path.join(outer, "copy")))
            os.chmod(settings, 0o600 if mode == 0o700 else 0o644)  # as a clone under that umask has it
            broker = Program("run", ["sh", "-c", f"umask 077; exec /usr/bin/python3 {script}"], cwd=folder, user={})
            try:
                broker.wait("ready")
                assert user_of(broker) == [nobody] * 4, user_of(broker)
                broker.process.send_signal(signal.SIGHUP)  # what root could read at the start, nobody reads now
                broker.wait("rules.reloaded")
            finally:
                code = broker.stop()
            assert code == 0, code


if __name__ == "__main__":
    run_tests([the_shipped_config_starts_and_the_line_it_prints_asks_for_its_status,
               started_by_root_it_serves_as_nobody_whatever_the_umask_and_where_nobody_may_enter])
