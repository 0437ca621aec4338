#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes Google's conformance runner for protobuf in a folder: the sources come from Debian's source package through apt, with lists and
cache of its own there; nothing is installed. The sources are pinned by the digest of upstream's archive. argv: the folder."""
import glob
import hashlib
import os
import re
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor

VERSION = "3.21.12"
ARCHIVE = f"protobuf_{VERSION}.orig.tar.gz"
DIGEST = "930c2c3b5ecc6c9c12615cf5ad93f1cd6e12d0aba862b572e076259970ac3a53"
PROTOS = ["conformance.proto", "google/protobuf/test_messages_proto2.proto", "google/protobuf/test_messages_proto3.proto"]
SOURCES = ["conformance/binary_json_conformance_suite.cc", "conformance/text_format_conformance_suite.cc",
           "conformance/conformance_test.cc", "conformance/conformance_test_main.cc", "conformance/conformance_test_runner.cc",
           "conformance/third_party/jsoncpp/jsoncpp.cpp"]


def write_sources(apt):
    """This machine's own entries for its Debian release, asked for sources instead of packages."""
    with open("/etc/os-release", encoding="utf-8") as file:
        release = re.search(r"^VERSION_CODENAME=(\w+)", file.read(), re.M).group(1)
    entries = {"list": [], "sources": []}
    for path in ["/etc/apt/sources.list", *glob.glob("/etc/apt/sources.list.d/*")]:
        kind = path.rsplit(".", 1)[-1]
        if kind not in entries or not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            text = file.read()
        parts = text.splitlines() if kind == "list" else re.split(r"\n\s*\n", text)
        ours = [part.strip() for part in parts if release in re.sub(r"^#.*$", "", part, flags=re.M).split()]
        entries[kind] += [re.sub(r"^(deb|Types:.*)(?=\s|$)", "deb-src" if kind == "list" else "Types: deb-src", part, flags=re.M) for part in ours]
    for kind, found in entries.items():
        with open(os.path.join(apt, "parts", f"debian.{kind}"), "w", encoding="utf-8") as file:
            file.write("\n\n".join(found) + "\n")


def fetch(folder):
    """The unpacked source. Only what the runner and its messages need is unpacked."""
    archive = os.path.join(folder, ARCHIVE)
    if not os.path.exists(archive):
        for name in ("parts", "lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(folder, "apt", name), exist_ok=True)
        apt = os.path.join(folder, "apt")
        write_sources(apt)
        options = ["-q", "-o", "Dir::Etc::SourceList=/dev/null", "-o", f"Dir::Etc::SourceParts={apt}/parts", "-o", f"Dir::State::Lists={apt}/lists",
                   "-o", f"Dir::Cache={apt}/cache", "-o", "APT::Sandbox::User="]
        for verb in (["update"], ["source", "--download-only", "protobuf"]):
            subprocess.run(["apt-get", *options, *verb], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with open(archive, "rb") as file:
        if hashlib.sha256(file.read()).hexdigest() != DIGEST:
            sys.exit(f"{archive}: not the archive that is pinned here")
    with tarfile.open(archive) as tar:
        wanted = [m for m in tar.getmembers() if m.name.split("/")[1:2] in (["conformance"], ["src"])]
        tar.extractall(folder, wanted)  # the digest was checked
    return os.path.join(folder, f"protobuf-{VERSION}")


def compile_one(job):
    source, folder, tree = job
    out = os.path.join(folder, "obj", os.path.basename(source) + ".o")
    # The archive's headers are asked only for what Debian does not install: both are of one version.
    subprocess.run(["g++", "-O1", "-w", "-std=c++11", "-pthread", f"-I{folder}/gen", f"-I{tree}/conformance", "-idirafter", f"{tree}/src", "-c", source, "-o", out], check=True)
    return out


def main():
    folder = os.path.abspath(sys.argv[1])
    os.makedirs(os.path.join(folder, "gen"), exist_ok=True)
    os.makedirs(os.path.join(folder, "obj"), exist_ok=True)
    tree = fetch(folder)
    protoc = ["protoc", f"-I{tree}/conformance", f"-I{tree}/src"]
    subprocess.run([*protoc, f"--cpp_out={folder}/gen", *PROTOS], check=True)
    subprocess.run([*protoc, "--include_imports", f"--descriptor_set_out={folder}/messages.binpb", *PROTOS], check=True)
    sources = [os.path.join(tree, s) for s in SOURCES] + [os.path.join(folder, "gen", p.replace(".proto", ".pb.cc")) for p in PROTOS]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(compile_one, [(s, folder, tree) for s in sources]))
    runner = os.path.join(folder, "conformance_test_runner")
    subprocess.run(["g++", "-pthread", *objects, "-lprotobuf", "-o", runner + ".new"], check=True)
    os.replace(runner + ".new", runner)


if __name__ == "__main__":
    main()
