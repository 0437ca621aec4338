#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prints broker/expr/regex_category.tbl.h from the Unicode data of this Python: for each run of characters of one general
category its letter and, where there is more than one character, their count."""
import itertools
import sys
import unicodedata

LETTERS = {"Lu": "A", "Ll": "a", "Lt": "t", "Lm": "m", "Lo": "o", "Mn": "n", "Mc": "c", "Me": "e", "Nd": "d", "Nl": "l", "No": "f",
           "Pc": "_", "Pd": "-", "Ps": "(", "Pe": ")", "Pi": "<", "Pf": ">", "Po": "!", "Sm": "+", "Sc": "$", "Sk": "^", "So": "*",
           "Zs": "s", "Zl": "L", "Zp": "P", "Cc": "C", "Cf": "F", "Cs": "S", "Co": "p", "Cn": "."}
WIDTH = 130

runs = []
for category, characters in itertools.groupby(map(unicodedata.category, map(chr, range(sys.maxunicode + 1)))):
    count = sum(1 for _ in characters)
    runs.append(LETTERS[category] + (str(count) if count > 1 else ""))
print("// SPDX-License-Identifier: Apache-2.0")
print(f"// General categories of Unicode {unicodedata.unidata_version}: from U+0000 on, the letter of each run's category and its length, where that is not one.")
print("// Made by tests/support/regex_category.py, which knows the letters. Included once: no guard.")
print("#define REGEX_CATEGORIES \\")
for name, letter in LETTERS.items():
    if name != "Cn":  # a character that is none has no class in RE2
        print(f"\t{{'{letter}', \"{name}\"}}, \\")
print("\n#define REGEX_CATEGORY_RUNS \\")
line = ""
for run in runs:
    if len(line) + len(run) > WIDTH:
        print(f"\t\"{line}\" \\")
        line = ""
    line += run
print(f"\t\"{line}\"")
