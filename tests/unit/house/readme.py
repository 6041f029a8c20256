#!/usr/bin/env python3
"""Keeps the program in README.md true: it is built, run, and prints what the README shows.

usage: readme.py extract <README.md> <output.cpp>
       readme.py check <README.md> <program>
"""

import pathlib
import re
import subprocess
import sys

PROGRAM_AND_OUTPUT = re.compile(r"^```cpp\n(.*?)^```\n+^```\n(.*?)^```\n", re.DOTALL | re.MULTILINE)


def main(arguments: list[str]) -> int:
    if len(arguments) != 3 or arguments[0] not in ("extract", "check"):
        sys.exit(__doc__.strip())
    action, readme, other = arguments
    found = PROGRAM_AND_OUTPUT.search(pathlib.Path(readme).read_text("utf-8"))
    if not found:
        sys.exit(f"{readme}: no C++ program followed by its output")
    program, output = found.groups()
    if action == "extract":
        pathlib.Path(other).write_text("// The program of README.md.\n" + program, "utf-8")
        return 0
    printed = subprocess.run([other], stdout=subprocess.PIPE, text=True, check=True).stdout
    if printed != output:
        print(f"README.md shows:\n{output}\nthe program prints:\n{printed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
