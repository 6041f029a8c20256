#!/usr/bin/env python3
"""Compares conclave.h, symbols.map and what libconclave_c.so exports: all three list the same.

usage: symbols.py <root of the repository> <libconclave_c.so> <program.c that must use them all>
"""

import pathlib
import re
import subprocess
import sys


def main(root: str, library: str, program: str) -> int:
    capi = pathlib.Path(root) / "capi"
    header = (capi / "include" / "conclave.h").read_text("utf-8")
    declared = set(re.findall(r"CONCLAVE_C_API[^;(]*?(conclave_\w+)\(", header))
    listed = set(re.findall(r"(conclave_\w+);", (capi / "symbols.map").read_text("utf-8")))
    lines = subprocess.run(
        ["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    exported = {line.split()[2].split("@")[0] for line in lines if " A " not in line}
    used = {name for name in declared if f"{name}(" in pathlib.Path(program).read_text("utf-8")}
    problems = [
        f"{what}: {', '.join(sorted(names))}"
        for what, names in (
            ("declared but not in symbols.map", declared - listed),
            ("in symbols.map but not declared", listed - declared),
            ("declared but not exported", declared - exported),
            ("exported but not declared", exported - declared),
            (f"not used by {pathlib.Path(program).name}", declared - used),
        )
        if names
    ]
    for problem in problems:
        print(problem)
    print(f"{len(declared)} functions")
    return 1 if problems or not declared else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
