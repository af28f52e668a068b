"""The pictures of every screen: docs/screens holds the light theme in Dutch.

``make screens`` writes them, so that a reviewer sees a change. All others (languages,
themes) go under build/screens.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from kiosk.ui.screens.view import Language
from kiosk.ui.theme import LIGHT, THEMES, Theme, load_fonts
from tests.architecture.tree import ROOT
from tests.support.gallery import PICTURES, Picture, paint, window_of

KEPT = ROOT / "docs" / "screens"
BUILT = ROOT / "build" / "screens"
UPDATE = "UPDATE_SCREENS"
FAINT = 24
"""Of 255, in one colour: how much a pixel may differ (curves are rounded a little differently)."""
MOST_DIFFERENT = 0.002
"""Of all pixels: type that moved by one pixel already is more."""


def different(one: QImage, other: QImage) -> float:
    """The share of pixels that somebody could tell apart."""
    if one.size() != other.size():
        return 1.0
    ours, theirs = bytes(one.constBits()), bytes(other.constBits())
    if ours == theirs:
        return 0.0
    pairs = zip(ours, theirs, strict=True)
    far = sum(1 for a, b in pairs if a != b and abs(a - b) > FAINT)
    return far / (one.width() * one.height())


@pytest.fixture(autouse=True)
def _fonts(qapp: object) -> None:
    load_fonts()


def saved(image: QImage, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert image.save(str(path))


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_the_screens_are_those_of_the_gallery(picture: Picture, qtbot: QtBot) -> None:
    window = window_of(picture)
    qtbot.addWidget(window)
    painted = paint(window)
    kept = KEPT / f"{picture.name}.png"
    if os.environ.get(UPDATE):
        if different(painted, QImage(str(kept)).convertToFormat(painted.format())) > 0:
            saved(painted, kept)
        return
    saved(painted, BUILT / "light" / "nl" / kept.name)
    shown = QImage(str(kept)).convertToFormat(painted.format())
    share = different(painted, shown)
    assert share <= MOST_DIFFERENT, f"{share:.2%} of {kept.name} differs: look, then `make screens`"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_every_language_and_theme_is_painted(
    theme: Theme, language: Language, qtbot: QtBot
) -> None:
    if (theme, language) == (LIGHT, Language.DUTCH):
        return  # the gallery itself
    for picture in PICTURES:
        window = window_of(picture, language, theme)
        qtbot.addWidget(window)
        painted = paint(window)
        saved(painted, BUILT / theme.name / language.value / f"{picture.name}.png")
        assert (painted.width(), painted.height()) == picture.size


def test_the_gallery_has_no_other_pictures() -> None:
    assert {path.stem for path in KEPT.glob("*.png")} == {picture.name for picture in PICTURES}
