"""Every code has one cause and one remedy in the docs, one text and one exit status."""

from __future__ import annotations

import re
from pathlib import Path

from kiosk.commands.exit_status import OF_PROBLEM, ExitStatus
from kiosk.commands.problem_texts import TEXTS
from kiosk.domain.problem import ProblemCode

PAGE = Path(__file__).parents[2] / "docs" / "problem-codes.md"
ENTRY = re.compile(
    r"^### (?P<code>K\d{3}) (?P<title>.+)\n\n"
    r"- \*\*Cause\*\*: (?P<cause>.+)\n"
    r"- \*\*Remedy\*\*: (?P<remedy>.+)\n"
    r"- \*\*Exit\*\*: (?P<exit>\d+)$",
    re.MULTILINE,
)


def entries() -> dict[str, re.Match[str]]:
    text = PAGE.read_text(encoding="utf-8")
    found = {match["code"]: match for match in ENTRY.finditer(text)}
    assert len(found) == text.count("\n### "), "an entry that does not follow the form"
    return found


def test_docs_and_code_are_one_to_one() -> None:
    assert list(entries()) == [code.code for code in ProblemCode]


def test_docs_say_what_the_command_line_says() -> None:
    for code in ProblemCode:
        entry = entries()[code.code]
        assert (entry["title"], entry["remedy"]) == TEXTS[code]
        assert int(entry["exit"]) == OF_PROBLEM[code]


def test_every_code_is_its_own() -> None:
    assert len({code.code for code in ProblemCode}) == len(ProblemCode)
    assert TEXTS.keys() == OF_PROBLEM.keys() == set(ProblemCode)
    assert len({text.title for text in TEXTS.values()}) == len(TEXTS)


def test_a_problem_never_ends_like_a_verdict() -> None:
    assert ExitStatus.OK not in OF_PROBLEM.values()
