"""Each program of examples/python runs as it stands and says what its readers are promised."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import pytest

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "python"
SAID = {
    "01_streaming.py": ["Roses ", "for 0.000012 dollars\n"],
    "02_tools.py": ["asked for Oslo\n", "from Met Office by weather\n", "for 0.000066 dollars\n"],
    "03_structured_output.py": ["angry urgent\n", "for 0.000086 dollars\n", "not supported\n"],
    "04_council.py": ["Deploy to staging", "for 0.0018 dollars\n", "- Winner: member-2"],
}


def test_each_example_is_run() -> None:
    assert sorted(path.name for path in EXAMPLES.glob("*.py")) == sorted(SAID)


@pytest.mark.parametrize("name", SAID)
def test_example(name: str, tmp_path: pathlib.Path) -> None:
    run = subprocess.run(
        [sys.executable, EXAMPLES / name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    for line in SAID[name]:
        assert line in run.stdout


def test_a_stream_is_taken_up_where_it_was_left() -> None:
    said = subprocess.check_output([sys.executable, EXAMPLES / "01_streaming.py"], text=True)
    # How much a reader finds at once depends on when he comes.
    parts = re.fullmatch(r"(.+)\(0\.\d+\.0\)\n(.*)\nfor .*\n", said)
    assert parts is not None and parts[1] + parts[2] == "Roses are red."
