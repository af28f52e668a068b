"""The packages on a clean Debian: installed with apt, used by a clerk, purged without a trace.

One Debian for the whole module: the tests go the way of an administrator, and stand in that order.
"""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

import kiosk
from kiosk.domain.verdict import Colour
from tests.installer.linux.installed import (
    CONFIG,
    PROGRAM,
    InstalledDesk,
    installed_desk,
    libraries_of,
)
from tests.installer.linux.root import CLERKS_HOME, RESULTS, Root, changed, ready_root, why_no_root
from tests.support.display import Display, display
from tests.support.patience import wait_until
from tests.support.terminal import children

pytestmark = [pytest.mark.installer, pytest.mark.timeout(1200)]

PICTURES: Final = RESULTS / "pictures"
AN: Final = ("--person", "an-peeters")
SOMEBODY_ELSES: Final = f"{CLERKS_HOME}/not-ours"
CAUGHT: Final = f"{CLERKS_HOME}/caught"


@pytest.fixture(scope="module")
def planned(packages: dict[str, Path]) -> Iterator[tuple[Root, list[str]]]:
    """A Debian that has what the packages need, and what apt wanted to install in an empty one."""
    if why_no_root():
        pytest.skip(why_no_root())
    with ready_root(*packages.values()) as made:
        yield made


@pytest.fixture(scope="module")
def root(planned: tuple[Root, list[str]]) -> Root:
    return planned[0]


@pytest.fixture(scope="module")
def before(root: Root) -> Mapping[str, tuple[str, int]]:
    """What was there before anything was installed."""
    return root.files()


@pytest.fixture(scope="module")
def installed(before: object, root: Root, packages: dict[str, Path]) -> Root:
    """The same Debian with the main package."""
    assert before
    root.install(packages["tariefwijzer"])
    return root


@pytest.fixture(scope="module")
def counter(
    installed: Root, tmp_path_factory: pytest.TempPathFactory, pki: Path
) -> Iterator[InstalledDesk]:
    """A counter with the installed program, a reader and a service; its settings are untouched."""
    with installed_desk(installed, tmp_path_factory.mktemp("desk"), pki) as one:
        one.start_service()
        yield one


@pytest.fixture(scope="module")
def ready(counter: InstalledDesk) -> InstalledDesk:
    """The counter with its settings filled in."""
    counter.fill_in()
    return counter


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    with display(tmp_path_factory.mktemp("screen")) as one:
        yield one


def test_apt_brings_what_a_visit_needs(planned: tuple[Root, list[str]]) -> None:
    assert {"pcscd", "libccid", "libpcsclite1", "libxcb-cursor0", "ca-certificates"} <= {
        *planned[1]
    }


def test_it_says_its_version_and_commit(counter: InstalledDesk) -> None:
    done = counter.kiosk("version", "--json")
    told = json.loads(done.stdout)
    assert (told["version"], told["pcsc"]) == (kiosk.__version__, "libpcsclite.so.1")
    assert len(told["commit"].partition("+")[0]) == 40
    assert "not installed" not in told.values()


def test_everything_belongs_to_the_administrator(installed: Root) -> None:
    for path in (installed.path(PROGRAM), *installed.path(PROGRAM).rglob("*")):
        status = path.lstat()
        assert (status.st_uid, status.st_gid) == (0, 0), path
        if not path.is_symlink():
            assert not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH), path
    assert installed.path(CONFIG).stat().st_mode & 0o777 == 0o644


def test_manual_menu_and_icon_are_there(installed: Root) -> None:
    share = installed.path("/usr/share")
    assert (share / "man/man1/kiosk.1.gz").exists()
    assert (share / "applications/tariefwijzer.desktop").exists()
    assert (share / "icons/hicolor/scalable/apps/tariefwijzer.svg").exists()
    assert (share / "metainfo/tariefwijzer.metainfo.xml").exists()


def test_an_untouched_installation_says_what_is_to_be_filled_in(counter: InstalledDesk) -> None:
    checked = counter.kiosk("config", "check")
    assert checked.returncode == 78
    for key in ("service.url", "service.client.id", "service.client.key"):
        assert key in checked.stderr
    looked = counter.kiosk("doctor", "--json")
    rows = {row["layer"]: row["state"] for row in json.loads(looked.stdout)["layers"]}
    assert looked.returncode == 78
    expected = {
        "configuration": "failed",
        "pcsc": "ok",
        "reader": "ok",
        "card": "warning",
        "service": "failed",
    }
    assert rows.items() >= expected.items()


def test_the_settings_filled_in_are_right(ready: InstalledDesk) -> None:
    done = ready.kiosk("config", "check")
    assert (done.returncode, done.stdout) == (0, "The configuration is right.\n"), done.stderr


def test_what_is_filled_in_cannot_be_changed_by_the_clerk(ready: InstalledDesk) -> None:
    done = ready.kiosk("config", "check", KIOSK_SERVICE__URL="https://elsewhere.example")
    assert done.returncode == 78
    assert f"service.url: locked by {CONFIG}" in done.stderr


def test_the_doctor_finds_everything_in_order(ready: InstalledDesk) -> None:
    with ready.card(*AN):
        done = ready.kiosk("doctor", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 0, report
    assert {row["state"] for row in report["layers"]} == {"ok"}, report


@pytest.mark.parametrize(
    ("person", "colour"),
    [("an-peeters", "green"), ("leen-regenboog", "orange"), ("els-kiezel", "red")],
)
@pytest.mark.parametrize("applet", ["1.7", "1.8"])
def test_a_visit(ready: InstalledDesk, applet: str, person: str, colour: str) -> None:
    with ready.card("--applet", applet, "--person", person):
        status, outcome = ready.check()
    assert (status, outcome["verdict"]) == (0, colour), outcome
    assert outcome["card"]["proof"] == ("chip" if applet == "1.8" else "signature")


def test_a_copied_chip_is_found_out(ready: InstalledDesk) -> None:
    with ready.card("--fault", "chip-copied"):
        status, outcome = ready.check()
    assert (status, outcome["code"]) == (15, "K303")


def test_the_window_shows_a_verdict(ready: InstalledDesk, shown: Display) -> None:
    with running_desk(ready, shown) as window, ready.card(*AN) as card:
        wait_until(lambda: shown.verdict() is Colour.GREEN, "green", 20)
        save(shown, "green")
        assert children(window.pid)
        card.remove()
        card.insert("els-kiezel")
        wait_until(lambda: shown.verdict() is Colour.RED, "red", 20)
        save(shown, "red")


def test_the_trial_of_an_administrator(ready: InstalledDesk) -> None:
    picture = f"{CLERKS_HOME}/trial.png"
    done = ready.kiosk("desk", "--trial", picture, QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 0, done.stderr
    assert ready.root.path(picture).read_bytes().startswith(b"\x89PNG")


@contextmanager
def running_desk(
    counter: InstalledDesk, shown: Display, **changes: str
) -> Iterator[subprocess.Popen[bytes]]:
    """The installed window on a screen, until the end of the block."""
    environment = {**shown.environment, **changes}
    with (counter.folder / "window.log").open("ab") as log:
        window = counter.stack.inside("kiosk", "desk", env=environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: len(children(window.pid)) == 1, "an agent", 20)
        yield window
    finally:
        window.kill()
        window.wait()


HOSTILE: Final = (
    "PYTHONPATH",
    "PYTHONHOME",
    "LD_LIBRARY_PATH",
    "QT_PLUGIN_PATH",
    "QT_QPA_PLATFORM_PLUGIN_PATH",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
)


def test_nothing_is_loaded_from_where_the_environment_points(
    ready: InstalledDesk, shown: Display
) -> None:
    bait(ready.root)
    traps = dict.fromkeys(HOSTILE, SOMEBODY_ELSES)
    with running_desk(ready, shown, **traps) as window, ready.card(*AN):
        wait_until(lambda: shown.verdict() is Colour.GREEN, "green", 20)
        loaded = [name for pid in (window.pid, *children(window.pid)) for name in libraries_of(pid)]
        status, outcome = ready.check(**traps)
    assert any("libpcsclite" in name for name in loaded)
    assert any("libqxcb" in name for name in loaded)
    assert [name for name in loaded if SOMEBODY_ELSES in name] == []
    assert (status, outcome["verdict"]) == (0, "green")
    assert not ready.root.path(CAUGHT).exists()


def bait(root: Root) -> None:
    """Lay out what each of these variables would make a careless program load."""
    folder = root.path(SOMEBODY_ELSES)
    (folder / "platforms").mkdir(parents=True)
    trap = f"open({CAUGHT!r}, 'w')\n"
    for name in ("sitecustomize.py", "usercustomize.py", "json.py", "httpx.py", "kiosk.py"):
        (folder / name).write_text(trap)
    libraries = root.path("/usr/lib/x86_64-linux-gnu")
    for name in ("libpcsclite.so.1", "libxcb-cursor.so.0"):
        (folder / name).write_bytes((libraries / name).read_bytes())
    plugin = next(root.path(PROGRAM).rglob("libqxcb.so"))
    for place in (folder / "platforms", folder):
        (place / plugin.name).write_bytes(plugin.read_bytes())


def test_the_demo_is_not_part_of_it(ready: InstalledDesk) -> None:
    for command in ("demo", "simulate-card"):
        done = ready.kiosk(command)
        assert (done.returncode, done.stdout) == (64, "")
        assert f"{command} is not part of this installation" in done.stderr


def test_the_demo_is_a_package_of_its_own(ready: InstalledDesk, packages: dict[str, Path]) -> None:
    ready.root.install(packages["tariefwijzer-demo"])
    done = ready.kiosk("demo", "--headless")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("DEMO: ")
    pictures = sorted(ready.root.path(f"{CLERKS_HOME}/build/demo").rglob("*.png"))
    assert len(pictures) > 5


def test_a_card_played_by_the_demo_is_read_by_the_program(ready: InstalledDesk) -> None:
    played = ready.stack.inside(
        *("kiosk", "simulate-card", *AN),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert played.stdout
    said = played.stdout.readline()
    ready.stack.wait_for_card()
    status, outcome = ready.check()
    played.terminate()
    played.wait()
    # Its root was made a moment ago: a terminal believes in those only that it was told of.
    assert (status, outcome["code"]) == (15, "K302"), said


def test_an_upgrade_keeps_the_settings(ready: InstalledDesk, packages: dict[str, Path]) -> None:
    own = ready.root.path(CONFIG).read_text("utf-8")
    ready.root.install("--reinstall", packages["tariefwijzer"])
    assert ready.root.path(CONFIG).read_text("utf-8") == own
    with ready.card(*AN):
        assert ready.check()[0] == 0


def test_a_purge_leaves_nothing(
    ready: InstalledDesk, before: Mapping[str, tuple[str, int]], packages: dict[str, Path]
) -> None:
    ready.root.purge(*packages)
    assert changed(before, ready.root.files()) == []


def save(shown: Display, name: str) -> None:
    """Keep what is on the screen, for whoever wants to see it."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    shown.picture().save(str(PICTURES / f"installed-{name}.png"))
