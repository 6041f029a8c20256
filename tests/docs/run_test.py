#!/usr/bin/env python3
"""Tests of the runner itself: it must be able to fail."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

RUN = pathlib.Path(__file__).resolve().parent / "run"
FENCE = "```"


def examine(page: str, *options: str) -> tuple[int, str]:
    """Exit status and output of a run over one page, with this interpreter for python blocks."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "page.md"
        file.write_text(page.replace("~", FENCE), "utf-8")
        done = subprocess.run(
            [sys.executable, "-B", str(RUN), "--python", sys.executable, *options, str(file)],
            capture_output=True, text=True, check=False,
        )
    return done.returncode, done.stdout + done.stderr


class Accepted(unittest.TestCase):
    def accept(self, page: str, summary: str, *options: str) -> None:
        status, said = examine(page, *options)
        self.assertEqual(0, status, said)
        self.assertIn(summary, said)

    def test_a_program_with_its_output(self) -> None:
        self.accept("~python\nprint(1)\nprint(2)\n~\n\n~\n1\n2\n~\n", "1 ok")

    def test_an_ellipsis_stands_for_anything_on_a_line(self) -> None:
        self.accept("~python\nprint('tnt_123 (x)')\n~\n~\ntnt_... (x)\n~\n", "1 ok")

    def test_a_program_that_shows_no_output(self) -> None:
        self.accept("* a list\n\n  ~python\n  print(1)\n  ~\n", "1 ok")

    def test_a_marked_fragment(self) -> None:
        self.accept("<!-- not run: a fragment -->\n\n~cpp\nint x\n~\n", "1 not run")

    def test_json_is_parsed(self) -> None:
        self.accept('~json\n{"a": 1}\n~\n', "1 ok")

    def test_saved_files_are_there_for_the_shell(self) -> None:
        page = "<!-- file: app.py -->\n~python\nprint(8000)\n~\n~sh\npython3 app.py\n~\n~\n...\n~\n"
        self.accept(page, "1 ok, 1 saved")

    def test_languages_that_are_not_asked_for_are_skipped(self) -> None:
        self.accept("~python\nexit(1)\n~\n", "1 skipped", "--languages", "c")

    def test_links_that_lead_somewhere(self) -> None:
        self.accept("# A page\n[a](page.md), [b](#a-page), [c](https://example.org/x)\n", "0 ok")

    @unittest.skipUnless(shutil.which("bash"), "needs bash")
    def test_what_a_shell_leaves_running_is_ended(self) -> None:
        page = "<!-- file: app.py -->\n~python\n~\n~sh\nsleep 1000 &\necho $!\n~\n~\n...\n~\n"
        self.accept(page, "1 ok, 1 saved")


class Refused(unittest.TestCase):
    def refuse(self, page: str, why: str) -> None:
        status, said = examine(page)
        self.assertEqual(1, status, said)
        self.assertIn(why, said)

    def test_another_output(self) -> None:
        self.refuse("~python\nprint(1)\n~\n\n~\n2\n~\n", "it prints:\n1\n")

    def test_an_ellipsis_does_not_reach_over_lines(self) -> None:
        self.refuse("~python\nprint('a\\nb')\n~\n~\n...b\n~\n", "it prints:")

    def test_a_program_that_fails(self) -> None:
        self.refuse("~python\nexit(3)\n~\n", "ended with 3")

    def test_noise_on_standard_error(self) -> None:
        self.refuse("~python\nimport sys\nprint('noise', file=sys.stderr)\n~\n", "noise")

    def test_a_program_that_does_not_compile(self) -> None:
        self.refuse("~cpp\nint main() { return x; }\n~\n", "x")

    def test_a_fragment_without_a_mark(self) -> None:
        self.refuse("~toml\na = 1\n~\n", "does not say why")

    def test_a_mark_without_a_reason(self) -> None:
        self.refuse("<!-- not run: -->\n~toml\na = 1\n~\n", "does not say why")

    def test_a_mark_that_belongs_to_another_block(self) -> None:
        self.refuse("<!-- not run: x -->\n~toml\n~\n\n~toml\n~\n", "does not say why")

    def test_a_shell_block_without_files(self) -> None:
        self.refuse("~sh\ntrue\n~\n", "does not say why")

    def test_a_shell_block_in_another_section(self) -> None:
        page = "<!-- file: app.py -->\n~python\n~\n## Next\n~sh\npython3 app.py\n~\n"
        self.refuse(page, "does not say why")

    def test_a_saved_file_that_nothing_runs(self) -> None:
        self.refuse("<!-- file: app.py -->\n~python\n~\n", "no sh block of its section runs")

    def test_an_output_without_a_program(self) -> None:
        self.refuse("~\n1\n~\n", "no program right before it")

    def test_an_output_of_a_saved_file(self) -> None:
        page = "<!-- file: app.py -->\n~python\n~\n~\n1\n~\n~sh\ntrue\n~\n"
        self.refuse(page, "no program right before it")

    def test_an_output_apart_from_its_program(self) -> None:
        self.refuse("~python\nprint(1)\n~\n\nIt prints:\n\n~\n1\n~\n", "no program right before it")

    def test_json_that_is_none(self) -> None:
        self.refuse("~json\n{...}\n~\n", "FAILED")

    def test_a_block_that_is_never_closed(self) -> None:
        self.refuse("~python\nprint(1)\n", "never closed")

    def test_links_that_lead_nowhere(self) -> None:
        self.refuse("[a](other.md)\n", "other.md leads nowhere")
        self.refuse("# A page\n[b](page.md#b-page)\n", "page.md#b-page leads nowhere")


if __name__ == "__main__":
    unittest.main()
