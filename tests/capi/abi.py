#!/usr/bin/env python3
"""Compares the ABI that conclave.h describes with its baseline: additions pass, nothing else does.

Constants are compared too, name by name: abidiff does not look at enumerators without a type.

The functions are compiled with empty bodies, so that only the types of the header are looked at;
that the library has these functions is proved by symbols.py and by the compiler.

usage: abi.py <root of the repository> [--write]
"""

import json
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


def constants(folder: pathlib.Path) -> dict[str, int]:
    """Every enumerator of the headers; macros are compiled into programs and so cannot change."""
    text = "".join(
        (folder / name).read_text("utf-8") for name in ("conclave.h", "conclave_status.h")
    )
    return {name: int(value) for name, value in re.findall(r"\b(CONCLAVE_\w+) = (-?\d+)\b", text)}


def changed_constants(known: dict[str, int], now: dict[str, int]) -> list[str]:
    return [
        f"{name} was {value} and is {now.get(name, 'gone')}"
        for name, value in known.items()
        if now.get(name) != value
    ]


def compare_constants(root: pathlib.Path, write: bool) -> int:
    baseline = root / "capi" / "abi" / "constants.json"
    now = constants(root / "capi" / "include")
    if write:
        baseline.write_text(json.dumps(now, indent=2) + "\n", "utf-8")
        return 0
    changed = changed_constants(json.loads(baseline.read_text("utf-8")), now)
    print("".join(f"{line}\n" for line in changed), end="")
    return 1 if changed else 0


def main(root: str, *rest: str) -> int:
    baseline = pathlib.Path(root) / "capi" / "abi" / "baseline.abi"
    write = rest == ("--write",)
    if compare_constants(pathlib.Path(root), write) != 0:
        return 1
    if shutil.which("abidiff") is None:
        print("abidiff (Debian: abigail-tools) is not installed: skipped")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        library = build(pathlib.Path(root) / "capi" / "include" / "conclave.h",
                        pathlib.Path(folder))
        if write:
            baseline.parent.mkdir(exist_ok=True)
            subprocess.run(
                ["abidw", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs",
                 "--type-id-style", "hash", "--out-file", str(baseline), str(library)],
                check=True,
            )
            return 0
        # A changed width of a parameter is "compatible" to abidiff (exit code 4): added functions
        # are let pass, and nothing at all may be left then.
        done = subprocess.run(
            ["abidiff", "--no-added-syms", str(baseline), str(library)],
            capture_output=True, text=True,
        )
    print(done.stdout, done.stderr, sep="", end="")
    return 0 if done.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
