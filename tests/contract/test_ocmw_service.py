"""The real service with an imported list: import by command, verdicts, and a look at the source."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.access_server import AccessServer, Asker, client_table, dpo_table
from tests.contract.central_server import NUMBER_RUN, PEOPLE, in_process, question
from tests.support.ocmw import HEADING, STATUSES, write_csv

ELS = PEOPLE["els-kiezel"]["number"]  # no ground in the made-up registers
ROSA = PEOPLE["rosa-korenbloem"]["number"]
DESK = Asker("desk")
FACTS = (*STATUSES, "RA=ocmw_residence")


class City:
    """The service, its configuration and its list."""

    def __init__(self, folder: Path) -> None:
        self.server = AccessServer(folder, client_table(DESK) + dpo_table(folder))
        self.server.stop()
        with self.server.config.open("a") as config:
            config.write(
                f'[synthetic]\nregisters = "on"\n'
                f"[sources.ocmw]\nfacts = {list(FACTS)}\ncomplete = true\n"
                f'[sources.ocmw.imported]\nfile = "{folder}/list.sqlite3"\n'
            )

    def run(self, *arguments: str, here: bool = False) -> subprocess.CompletedProcess[str]:
        """Run the command ``eligibility``, as a process of its own or here."""
        whole = (*arguments, "--config", str(self.server.config))
        command = [sys.executable, "-m", "kiosk.service.central", *whole]
        done = (
            in_process(*whole)
            if here
            else subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        )
        assert NUMBER_RUN.search(done.stdout + done.stderr) is None
        assert "Traceback" not in done.stderr
        return done

    def load(
        self, *rows: tuple[str, ...], force: bool = False, here: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Import a list."""
        path = write_csv(self.server.folder / "list.csv", rows, HEADING)
        return self.run("ocmw", "import", str(path), *(["--force"] if force else []), here=here)

    def verdict(self, number: str) -> tuple[str, list[str]]:
        """Colour and codes for a person."""
        token = self.server.token(DESK)
        reply = self.server.post(question(number), Authorization=f"Bearer {token}")
        assert reply.status == 200
        return reply.json["verdict"], [each["code"] for each in reply.json["guidance"]]


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City(tmp_path)
    yield city
    city.server.close()
    assert NUMBER_RUN.search(city.server.log) is None


def test_from_a_list_to_a_verdict(city: City) -> None:
    assert "not-imported" in city.run("source", "check").stdout
    city.server.start()
    assert city.verdict(ELS) == ("orange", ["COM-A09"])
    done = city.load((ELS, "BB", "2025-01-01", ""), here=False)
    assert (done.returncode, done.stdout[:34]) == (0, "imported 1 rows about 1 people, as")
    assert city.verdict(ELS) == ("green", ["UIT-G01"])
    assert "ocmw ocmw: answers" in city.run("source", "check").stdout

    bad = city.load((ELS, "BB", "2025-01-01", ""), (ELS, "X", "soon", ""), here=False)
    assert bad.returncode == 1
    assert bad.stdout.splitlines() == [
        "row 3, start_date: is not a date such as 2026-11-22",
        "row 3, status: is not one of those under 'facts' and 'ignored'",
    ]
    assert "the list before stays in use" in bad.stderr
    assert city.verdict(ELS) == ("green", ["UIT-G01"])

    assert city.load((ROSA, "LL", "2025-01-01", "")).returncode == 0
    assert city.verdict(ELS) == ("red", ["UIT-R01"])
    assert city.load().returncode == 1
    assert city.load(force=True).returncode == 0


def test_more_mistakes_than_are_told(city: City) -> None:
    done = city.load(*[("1", "LL", "", "")] * 60)
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 51)
    assert done.stdout.splitlines()[-1] == "and 10 more"


def test_settings_that_do_not_do(city: City) -> None:
    text = city.server.config.read_text()
    city.server.config.write_text(text.replace('/list.sqlite3"', '/nowhere/list.sqlite3"'))
    done = city.load((ELS, "BB", "", ""))
    assert (done.returncode, done.stderr.split(":")[0]) == (1, "not imported")
    city.server.config.write_text(text.replace("LL=leefloon", "LL=vt"))
    wrong = city.load((ELS, "BB", "", ""))
    assert (wrong.returncode, wrong.stderr.split(":")[0]) == (78, "sources.ocmw.facts")
    city.server.config.write_text(text.split("[sources")[0])
    without = city.load((ELS, "BB", "", ""))
    assert (without.returncode, without.stderr.split(":")[0]) == (78, "sources.ocmw.imported.file")
    city.server.config.write_text(text)
    (city.server.folder / "pseudonym.key").unlink()
    keyless = city.load((ELS, "BB", "", ""))
    assert (keyless.returncode, keyless.stderr.split(":")[0]) == (78, "pseudonym.key_file")
    assert keyless.stderr.endswith("(import of a list)\n")
