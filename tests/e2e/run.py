#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`make run`: the broker on the shipped config/, with keys made under build/run when there are none.

Started by root it goes on as nobody. A clone that nobody cannot enter (below /root, say) is served from a copy of its
config/ and schemas under /var/tmp/enlace-run, made anew at each start; keys and journal stay there. What nobody is to
read is readable whatever root's umask says; secret keys are closed by the program that makes them.
"""
import os
import pwd
import shutil
import stat
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("ENLACE_BIN", os.path.join(ROOT, "build/gcc/bin"))
COPY = "/var/tmp/enlace-run"


def enlace(*arguments):
    subprocess.run([os.path.join(BIN, "enlace"), *arguments, "--quiet"], check=True)


def may_enter(folder):
    """Whether everybody may pass through the folder and all above it."""
    while True:
        if not os.stat(folder).st_mode & stat.S_IXOTH:
            return False
        if folder == "/":
            return True
        folder = os.path.dirname(folder)


def copied():
    """The copy. It stands where anybody may make a folder: one that is not root's is not ours."""
    os.makedirs(COPY, 0o755, exist_ok=True)
    info = os.lstat(COPY)
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != 0:
        sys.exit(f"run: {COPY} is not root's; remove it, or start as an ordinary user")
    os.chmod(COPY, 0o755)
    for name in ("config", "build/schemas"):
        shutil.rmtree(os.path.join(COPY, name), ignore_errors=True)
        shutil.copytree(os.path.join(ROOT, name), os.path.join(COPY, name))
        for base, _, files in os.walk(os.path.join(COPY, name)):
            for found in [base] + [os.path.join(base, n) for n in files]:
                os.chmod(found, 0o755 if found == base else 0o644)
    return COPY


def make_keys(base):
    run, settings = os.path.join(base, "build/run"), os.path.join(base, "config/enlace.yaml")
    keys = os.path.join(run, "keys")
    os.makedirs(os.path.join(keys, "agencies"), exist_ok=True)
    if not os.path.exists(os.path.join(keys, "broker.cert_secret")):
        enlace("keys", "new", "--out", os.path.join(keys, "broker.cert"))
    for name in sorted(os.listdir(os.path.join(base, "config/agencies"))):
        agency = name.removesuffix(".yaml")
        cert = os.path.join(keys, f"{agency}.cert")
        if name.endswith(".yaml") and not os.path.exists(cert):
            enlace("keys", "new", "--agency", agency, "--out", cert)
            enlace("agency", "add", agency, "--key", cert, "-c", settings)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(run, nobody.pw_uid, nobody.pw_gid)  # the operators' socket is made there after the change of user


def main():
    base = ROOT
    if os.geteuid() == 0:
        os.umask(0o022)
        if not all(may_enter(os.path.join(ROOT, name)) for name in ("config", "build")):
            base = copied()
    settings = os.path.join(base, "config/enlace.yaml")
    make_keys(base)
    key = os.path.join(base, "build/run/keys/operations.cert_secret")
    print(f"run: keys and journal are in {os.path.dirname(os.path.dirname(key))}; ask the broker:\n"
          f"  {os.path.relpath(BIN, os.getcwd())}/enlace status -c {settings} --key {key}", file=sys.stderr)
    os.execv(os.path.join(BIN, "enlaced"), ["enlaced", "-c", settings])


if __name__ == "__main__":
    main()
