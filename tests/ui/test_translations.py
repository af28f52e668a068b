"""The catalogue holds what the code says, whole, and the window reads it."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from kiosk.data import data_path
from kiosk.ui.screens.view import Language
from kiosk.ui.screens.words import CatalogueMissing, Words
from tests.architecture.tree import ROOT

ENGLISH = data_path("translations", "tariefwijzer_en.ts")
TOOLS = ROOT / ".venv" / "bin"
Message = tuple[str, str]


def messages(catalogue: Path) -> dict[Message, ET.Element]:
    return {
        (context.findtext("name", ""), message.findtext("source", "")): message
        for context in ET.parse(catalogue).getroot().iter("context")
        for message in context.iter("message")
    }


def run(*command: str | Path) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_catalogue_has_the_texts_of_the_code_and_no_others(tmp_path: Path) -> None:
    found = tmp_path / "found.ts"
    folders = [ROOT / "kiosk" / name for name in ("ui", "demo", "bootstrap")]
    sources = sorted(path for folder in folders for path in folder.rglob("*.py"))
    run(TOOLS / "pyside6-lupdate", "-silent", *sources, "-ts", found)
    assert messages(found).keys() == messages(ENGLISH).keys(), "scripts/translations update"


PLACEHOLDER = re.compile(r"\{\w+\}")


def marks_of(text: str) -> tuple[list[str], int, int]:
    return sorted(PLACEHOLDER.findall(text)), text.count("**"), text.count("\n")


def test_every_text_is_translated_with_all_that_is_in_it() -> None:
    for (context, dutch), message in messages(ENGLISH).items():
        translation = message.find("translation")
        assert translation is not None
        assert "type" not in translation.attrib, f"not finished: {context}: {dutch}"
        assert translation.text, f"empty: {context}: {dutch}"
        assert marks_of(translation.text) == marks_of(dutch), dutch
        ends = re.compile(r"[.?:…]?$")
        assert ends.search(translation.text)[0] == ends.search(dutch)[0], dutch  # type: ignore[index]  # it always matches


def test_the_catalogue_keeps_no_line_numbers() -> None:
    assert "<location" not in ENGLISH.read_text("utf-8")


def test_what_the_window_reads_is_compiled_from_this_catalogue(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.qm"
    run(TOOLS / "pyside6-lrelease", "-silent", ENGLISH, "-qm", fresh)
    made = ENGLISH.with_suffix(".qm")
    assert made.read_bytes() == fresh.read_bytes(), "scripts/translations compile"
    english = Words(Language.ENGLISH, made.parent)
    for (context, dutch), message in messages(ENGLISH).items():
        assert english.translate(context, dutch) == message.findtext("translation")


def test_dutch_needs_no_catalogue(tmp_path: Path) -> None:
    assert Words(Language.DUTCH, tmp_path).translate("Buttons", "Klaar") == "Klaar"


@pytest.mark.parametrize("content", [None, b"", b"no catalogue"])
def test_a_language_without_its_catalogue_says_so(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "tariefwijzer_en.qm").write_bytes(content)
    with pytest.raises(CatalogueMissing, match=r"tariefwijzer_en\.qm: .*scripts/translations"):
        Words(Language.ENGLISH, tmp_path)


def test_a_text_that_nobody_knows_stays_dutch() -> None:
    assert Words(Language.ENGLISH).translate("Buttons", "Onbekend") == "Onbekend"


@pytest.mark.parametrize(
    ("language", "day", "share", "lengths"),
    [
        (
            Language.DUTCH,
            "1 maart 2027",
            "20 %",
            ["0 seconden", "1 seconde", "24 seconden", "89 seconden", "2 minuten", "5 minuten"],
        ),
        (
            Language.ENGLISH,
            "1 March 2027",
            "20%",
            ["0 seconds", "1 second", "24 seconds", "89 seconds", "2 minutes", "5 minutes"],
        ),
    ],
)
def test_days_shares_and_lengths_of_time(
    language: Language, day: str, share: str, lengths: list[str]
) -> None:
    words = Words(language)
    assert words.date(date(2027, 3, 1)) == day.replace(" ", "\u00a0")
    assert words.percent(20) == share.replace(" ", "\u00a0")
    said = [words.duration(seconds) for seconds in (0, 1, 24, 89, 90, 299)]
    assert said == [each.replace(" ", "\u00a0") for each in lengths]


def script(folder: Path, what: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [folder / "scripts" / "translations", what], capture_output=True, text=True, check=False
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the script works on, apart from the rest of the repository."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "translations").symlink_to(ROOT / "scripts" / "translations")
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    screens = tmp_path / "kiosk" / "ui" / "screens"
    screens.mkdir(parents=True)
    (screens / "some.py").write_text('translate("Buttons", "Klaar")\n')
    catalogues = tmp_path / "resources" / "translations"
    catalogues.mkdir(parents=True)
    (catalogues / ENGLISH.name).write_bytes(ENGLISH.read_bytes())
    return tmp_path


def test_the_script_compiles_what_is_new_and_is_quiet_then(checkout: Path) -> None:
    first, second = script(checkout, "compile"), script(checkout, "compile")
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout.splitlines() == [f"== compiling resources/translations/{ENGLISH.name}"]
    assert second.stdout + second.stderr == ""
    made = sorted(path.name for path in (checkout / "resources" / "translations").iterdir())
    assert made == ["tariefwijzer_en.qm", "tariefwijzer_en.ts"]


def test_the_script_keeps_what_the_code_says(checkout: Path) -> None:
    catalogue = checkout / "resources" / "translations" / ENGLISH.name
    for _ in range(2):
        done = script(checkout, "update")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert list(messages(catalogue)) == [("Buttons", "Klaar")]


def test_the_script_says_what_it_can_do(checkout: Path) -> None:
    done = script(checkout, "")
    assert done.returncode == 64
    assert done.stderr == "usage: scripts/translations update|compile\n"
