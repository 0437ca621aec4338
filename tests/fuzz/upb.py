#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Takes upb out of Debian's source package of protobuf, for the differential fuzzers. argv: the folder of the conformance runner, which keeps
the archive; the folder for upb."""
import os
import shutil
import sys
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "conformance"))
import protobuf_runner  # noqa: E402

FILES = {"php/ext/google/protobuf/php-upb.c": "php-upb.c", "php/ext/google/protobuf/php-upb.h": "php-upb.h",
         "third_party/utf8_range/utf8_range.h": "third_party/utf8_range/utf8_range.h",
         "third_party/utf8_range/naive.c": "third_party/utf8_range/naive.c",
         "third_party/utf8_range/range2-sse.c": "third_party/utf8_range/range2-sse.c",
         "third_party/utf8_range/range2-neon.c": "third_party/utf8_range/range2-neon.c"}


def main():
    archive_folder, folder = (os.path.abspath(path) for path in sys.argv[1:3])
    os.makedirs(archive_folder, exist_ok=True)
    protobuf_runner.fetch(archive_folder)
    with tarfile.open(os.path.join(archive_folder, protobuf_runner.ARCHIVE)) as tar:
        for name, place in FILES.items():
            path = os.path.join(folder, place)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as out:
                shutil.copyfileobj(tar.extractfile(f"protobuf-{protobuf_runner.VERSION}/{name}"), out)


if __name__ == "__main__":
    main()
