"""The code blocks of a Markdown page, what the page says about each of them, and its links."""

from __future__ import annotations

import pathlib
import re
from typing import NamedTuple

FENCE = re.compile(r"^( *)(`{3,}|~{3,})[ \t]*([^`\n]*)$")
SECTION = re.compile(r"^#{1,2} ")
NOT_RUN = re.compile(r"<!-- not run: (\S.*?) -->")
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
SAVED = re.compile(r"<!-- file: ([A-Za-z0-9_.-]+) -->")


class PageError(Exception):
    """A page that cannot be read as it was meant."""


class Block(NamedTuple):
    page: str
    line: int  # of the opening fence, from 1
    section: int  # headings of the first two levels before it
    language: str  # as written after the fence; empty for an output
    text: str
    reason: str | None  # why it is not run
    file: str | None  # what it is saved as for the shell block after it
    follows: bool  # only blank lines part it from the block before

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def read_blocks(page: pathlib.Path, name: str) -> list[Block]:
    """All of them, in order. PageError for a fence that is never closed."""
    blocks: list[Block] = []
    section = 0
    before: list[str] = []  # lines since the last block
    lines = iter(enumerate(page.read_text("utf-8").splitlines(), 1))
    for number, line in lines:
        opened = FENCE.match(line)
        if not opened:
            section += bool(SECTION.match(line))
            before.append(line)
            continue
        indent, fence, language = opened.groups()
        inside = []
        for _, line in lines:
            if re.fullmatch(rf" *{re.escape(fence[0])}{{{len(fence)},}}[ \t]*", line):
                break
            inside.append(line.removeprefix(indent))
        else:
            raise PageError(f"{name}:{number}: the block is never closed")
        follows = bool(blocks) and not any(text.strip() for text in before)
        comment = last_text(before)
        blocks.append(
            Block(
                page=name,
                line=number,
                section=section,
                language=language.strip(),
                text="".join(f"{text}\n" for text in inside),
                reason=found(NOT_RUN, comment),
                file=found(SAVED, comment),
                follows=follows,
            )
        )
        before = []
    return blocks


def last_text(lines: list[str]) -> str:
    """The last line that is not blank."""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def found(comment: re.Pattern[str], line: str) -> str | None:
    match = comment.fullmatch(line)
    return match[1] if match else None


def broken_links(page: pathlib.Path) -> list[str]:
    """Links to files and headings that are not there; those to other hosts are left alone."""
    targets = LINK.findall(page.read_text("utf-8"))
    return sorted(
        f"{path}#{anchor}" if anchor else path
        for path, anchor in set(targets)
        if "://" not in path and not leads_somewhere(page.parent / path if path else page, anchor)
    )


def leads_somewhere(target: pathlib.Path, anchor: str) -> bool:
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target)


def anchors(page: pathlib.Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
