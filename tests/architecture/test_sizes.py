"""Short modules and functions, a docstring on all that is public, a reason on what is off."""

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import modules, name_of

MODULE_LINES = 300
FUNCTION_LINES = 30

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

PRODUCT = modules("kiosk", "installer")
EVERYTHING = modules("kiosk", "installer", "tests", "scripts")

# First what is switched off, by its code, then why: the last test here shows the forms.
SUPPRESSION = re.compile(
    r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no\s*(?:cover|branch)|pylint:|mypy:|ruff:|fmt:\s*(?:off|skip))"
)
REASONED = re.compile(
    r"#\s*(?:noqa: [A-Z]+\d+(?:,\s*[A-Z]+\d+)*"
    r"|type: ignore\[[\w-]+(?:,\s*[\w-]+)*\]"
    r"|pragma: no (?:cover|branch)"
    r"|fmt: (?:off|skip))"
    r"\s+[#–-]\s*\S.{9,}"
)

by_name = pytest.mark.parametrize("path", PRODUCT, ids=name_of)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def public_definitions(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Definition]]:
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield f"{prefix}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node.body, f"{prefix}{node.name}.")


def says_itself(node: Definition) -> bool:
    """Whether the docstring stands elsewhere: at what is overridden, or at the getter."""
    names = {ast.unparse(decorator).rsplit(".", 1)[-1] for decorator in node.decorator_list}
    return bool(names & {"override", "overload", "setter"})


@by_name
def test_modules_are_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MODULE_LINES


@by_name
def test_functions_are_short(path: Path) -> None:
    long = {
        node.name: length(node)
        for node in ast.walk(parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and length(node) > FUNCTION_LINES
    }
    assert long == {}


@by_name
def test_everything_public_says_what_it_is(path: Path) -> None:
    module = parse(path)
    silent = [
        name
        for name, node in public_definitions(module.body)
        if ast.get_docstring(node) is None and not says_itself(node)
    ]
    assert ast.get_docstring(module), "the module says nothing"
    assert silent == []


@pytest.mark.parametrize("path", EVERYTHING, ids=name_of)
def test_what_is_switched_off_has_a_reason(path: Path) -> None:
    with path.open("rb") as source:
        comments = [
            token for token in tokenize.tokenize(source.readline) if token.type == tokenize.COMMENT
        ]
    silent = [
        f"line {comment.start[0]}: {comment.string}"
        for comment in comments
        if SUPPRESSION.search(comment.string) and not REASONED.search(comment.string)
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("comment", "reasoned"),
    [
        ("# noqa", False),
        ("# noqa: S603", False),
        ("# noqa: S603  # our own arguments", True),
        ("# noqa: S603, S607 – our own arguments", True),
        ("# type: ignore", False),
        ("# type: ignore[arg-type]", False),
        ("# type: ignore[arg-type]  # the stub is wrong", True),
        ("# pragma: no cover", False),
        ("# pragma: no cover - Windows only, run there", True),
    ],
)
def test_the_search_for_reasons_finds_them(comment: str, reasoned: bool) -> None:
    assert SUPPRESSION.search(comment)
    assert bool(REASONED.search(comment)) is reasoned
