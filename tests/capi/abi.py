#!/usr/bin/env python3
"""Compares the ABI that conclave.h describes with its baseline: additions pass, nothing else does.

The functions are compiled with empty bodies, so that only the types of the header are looked at;
that the library has these functions is proved by symbols.py and by the compiler.

usage: abi.py <root of the repository> [--write]
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77


def build(header: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """A shared library with debug information that has the header's functions."""
    declarations = re.findall(
        r"^CONCLAVE_C_API ([^;]+);", header.read_text("utf-8"), re.MULTILINE
    )
    bodies = [f"{declaration} {{ abort(); }}" for declaration in declarations]
    source = folder / "abi.c"
    source.write_text("\n".join(["#include <conclave.h>", "#include <stdlib.h>", *bodies, ""]))
    library = folder / "libconclave_c.so"
    subprocess.run(
        ["cc", "-std=c99", "-g", "-shared", "-fPIC", "-w", "-I", str(header.parent),
         "-o", str(library), str(source)],
        check=True,
    )
    return library


def main(root: str, *rest: str) -> int:
    baseline = pathlib.Path(root) / "capi" / "abi" / "baseline.abi"
    if shutil.which("abidiff") is None:
        print("abidiff (Debian: abigail-tools) is not installed: skipped")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        library = build(pathlib.Path(root) / "capi" / "include" / "conclave.h",
                        pathlib.Path(folder))
        if rest == ("--write",):
            baseline.parent.mkdir(exist_ok=True)
            subprocess.run(
                ["abidw", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs",
                 "--type-id-style", "hash", "--out-file", str(baseline), str(library)],
                check=True,
            )
            return 0
#A changed width of a parameter is "compatible" to abidiff(exit code 4) : added functions
#are let pass, and nothing at all may be left then.
        done = subprocess.run(
            ["abidiff", "--no-added-syms", str(baseline), str(library)],
            capture_output=True, text=True,
        )
    print(done.stdout, done.stderr, sep="", end="")
    return 0 if done.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
