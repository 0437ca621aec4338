#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the README shows is what the programs print: every line behind "$ " in a ```console block is run, in one folder with the shipped
config/, adapters/ and schemas/, and what stands below it is compared with what comes out. A line "..." stands for any lines."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from stage import ROOT

README = os.path.join(ROOT, "README.md")


def commands():
    """[(command, [expected line])] of all blocks, in order. A line behind "> " goes on with the command, as in a shell."""
    with open(README, encoding="utf-8") as file:
        blocks = re.findall(r"^```console\n(.*?)^```$", file.read(), re.M | re.S)
    found = []
    for line in "".join(blocks).splitlines():
        if line.startswith("$ "):
            found.append(([line[2:]], []))
        elif line.startswith("> ") and not found[-1][1]:
            found[-1][0].append(line[2:])
        else:
            found[-1][1].append(line)
    return [("\n".join(command), expected) for command, expected in found]


def fits(expected, said):
    """Whether the lines are as expected; "..." stands for any number of lines."""
    if not expected:
        return not said
    if expected[0] == "...":
        return any(fits(expected[1:], said[n:]) for n in range(len(said) + 1))
    return bool(said) and said[0] == expected[0] and fits(expected[1:], said[1:])


def stage(folder):
    for name in ("config", "adapters", "schemas"):
        shutil.copytree(os.path.join(ROOT, name), os.path.join(folder, name))
    os.makedirs(os.path.join(folder, "build"))
    os.symlink(os.path.abspath(os.path.join(ROOT, "build/schemas")), os.path.join(folder, "build/schemas"))


def main():
    binaries = os.path.abspath(os.environ.get("ENLACE_BIN", os.path.join(ROOT, "build/gcc/bin")))
    environment = {"PATH": f"{binaries}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/nonexistent"}
    failed, all_commands = 0, commands()
    with tempfile.TemporaryDirectory() as folder:
        stage(folder)
        for command, expected in all_commands:
            result = subprocess.run(["sh", "-c", f"{{ {command}\n}} 2>&1"], cwd=folder, env=environment, capture_output=True, text=True,
                                    timeout=60, check=False)
            said = result.stdout.rstrip("\n").split("\n") if result.stdout else []
            if not fits(expected, said):
                failed += 1
                print(f"FAIL  {command}\n" + "\n".join("    " + line for line in said))
    # A README whose blocks are no longer found must not pass.
    if len(all_commands) < 10:
        failed += 1
        print(f"FAIL  only {len(all_commands)} commands in the README")
    print(f"{len(all_commands) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
