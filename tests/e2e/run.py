#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`make run`: the broker on the shipped config/, with keys made under build/run when there are none. Started by root it goes on as nobody."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RUN = os.path.join(ROOT, "build/run")
BIN = os.environ.get("ENLACE_BIN", os.path.join(ROOT, "build/gcc/bin"))
SETTINGS = os.path.join(ROOT, "config/enlace.yaml")


def enlace(*arguments):
    subprocess.run([os.path.join(BIN, "enlace"), *arguments, "--quiet"], check=True)


def make_keys():
    keys = os.path.join(RUN, "keys")
    os.makedirs(os.path.join(keys, "agencies"), exist_ok=True)
    if not os.path.exists(os.path.join(keys, "broker.cert_secret")):
        enlace("keys", "new", "--out", os.path.join(keys, "broker.cert"))
    for name in sorted(os.listdir(os.path.join(ROOT, "config/agencies"))):
        agency = name.removesuffix(".yaml")
        cert = os.path.join(keys, f"{agency}.cert")
        if name.endswith(".yaml") and not os.path.exists(cert):
            enlace("keys", "new", "--agency", agency, "--out", cert)
            enlace("agency", "add", agency, "--key", cert, "-c", SETTINGS)


def main():
    make_keys()
    print(f"keys are in {os.path.relpath(RUN)}/keys; ask the broker: enlace status --key build/run/keys/operations.cert_secret", file=sys.stderr)
    os.execv(os.path.join(BIN, "enlaced"), ["enlaced", "-c", SETTINGS])


if __name__ == "__main__":
    main()
