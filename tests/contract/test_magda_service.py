"""The whole central service with MAGDA behind it, and ``eligibility source check``."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.service.central.connectors.guard import WINDOW
from tests.contract.access_server import (
    AccessServer,
    Asker,
    client_table,
    dpo_table,
    free_port,
)
from tests.contract.central_server import NUMBER_RUN, Reply, question
from tests.contract.test_central_watch import read
from tests.support.magda import ANSWERS, FACTS, KEYS
from tests.support.mock_magda.certificates import Certificates
from tests.support.mock_magda.faults import Fault
from tests.support.mock_magda.server import EVERY_SERVICE, MockMagda

DESK = Asker("desk")
MIRA, TEUN = "80610511103", "78620922228"


def sources(mock: MockMagda, certificates: Certificates) -> str:
    urls = "\n".join(f'{key} = "{mock.url(service.name)}"' for key, service in KEYS.items())
    return f"""
[sources.magda]
sender = "stad.example/tarief/proef"
[sources.magda.tls]
certificate = "{certificates.client}"
key = "{certificates.client_key}"
ca_file = "{certificates.authority}"
[sources.magda.urls]
{urls}
[sources.magda.statuses]
facts = {list(FACTS)}
[sources.magda.income]
codes = ["7555"]
limit_a_euro = 23000
limit_b_euro = 33000
"""


def server_with(folder: Path, more: str) -> AccessServer:
    return AccessServer(folder, client_table(DESK) + dpo_table(folder) + more)


def ask(server: AccessServer, number: str) -> Reply:
    return server.post(question(number), Authorization=f"Bearer {server.token(DESK)}")


@pytest.fixture
def config(tmp_path: Path, mock: MockMagda, certificates: Certificates) -> Path:
    path = tmp_path / "eligibility.toml"
    path.write_text(
        'environment = "test"\nauth = "none"\n'
        f'[database]\nurl = "sqlite:///{tmp_path}/audit.sqlite3"\n'
        f'[pseudonym]\nkey_file = "{tmp_path}/pseudonym.key"\n{sources(mock, certificates)}'
    )
    return path


def check(config: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kiosk.service.central", "source", "check", "--config"]
    return subprocess.run(
        [*command, str(config)], capture_output=True, text=True, check=False, timeout=60
    )


def test_source_check_names_every_service(config: Path, mock: MockMagda) -> None:
    done = check(config)
    assert (done.returncode, done.stderr) == (0, "")
    assert [re.sub(r"\d+ ms", "N ms", line) for line in done.stdout.splitlines()] == [
        "population GeefPersoon: answers, N ms",
        "social GeefSociaalStatuut: answers, N ms",
        "social GeefDossierHandicap: answers, N ms",
        "social GeefPersoon: answers, N ms",
        "ocmw GeefLeefloonbedragen: answers, N ms",
        "income GeefAanslagbiljetPersonenbelasting: answers, N ms",
    ]
    assert mock.services().count("GeefPersoon") == 1


def test_source_check_fails_when_one_does_not_answer(config: Path, mock: MockMagda) -> None:
    mock.plan.faults = {"GeefDossierHandicap": Fault.NOT_AUTHORISED}
    done = check(config)
    assert done.returncode == 1
    assert "GeefDossierHandicap: refused (not-authorised)" in done.stdout
    assert "look at what was agreed" in done.stderr


def test_the_mock_runs_by_itself_and_says_how_to_ask_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.support.mock_magda", "--answers", str(ANSWERS)]
    command += ["--certificates", str(tmp_path / "certificates"), "--fault", "GeefPersoon=html"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        lines = list(iter(running.stdout.readline, "\n"))
        config = tmp_path / "eligibility.toml"
        config.write_text("".join(lines))  # production: asking the sources needs no more
        done = check(config)
        running.terminate()
    assert running.returncode == 0
    assert done.returncode == 1
    assert "population GeefPersoon: unavailable (not-understood)" in done.stdout
    assert "income GeefAanslagbiljetPersonenbelasting: answers" in done.stdout


def test_a_check_gets_its_colour_from_magda(
    tmp_path: Path, mock: MockMagda, certificates: Certificates
) -> None:
    server = server_with(tmp_path, sources(mock, certificates))
    try:
        assert ask(server, MIRA).json["verdict"] == "green"
        orange = ask(server, TEUN).json
        assert (orange["verdict"], orange["blockedBy"]) == ("orange", ["ocmw"])
        mock.plan.faults = {EVERY_SERVICE: Fault.HTTP_500}
        down = ask(server, MIRA).json
        assert (down["verdict"], down["determined"]) == ("orange", False)
        assert {source["state"] for source in down["sources"]} == {"unavailable"}
        assert server.stop() == 0
    finally:
        server.close()
    assert NUMBER_RUN.search(server.log) is None
    assert "127.0.0.1" not in server.log
    asked = {seen.headers["X-Correlation-ID"] for seen in mock.seen}
    assert len(asked) == 3


def test_lamps_follow_a_part_that_fails(
    tmp_path: Path, mock: MockMagda, certificates: Certificates
) -> None:
    server = server_with(tmp_path, sources(mock, certificates))
    mock.plan.faults = {"GeefDossierHandicap": Fault.HTTP_500}
    try:
        answer = ask(server, TEUN).json
        lamps = server.get("/v1/source-status", server.token(DESK)).json["sources"]
    finally:
        server.close()
    (social,) = (source for source in answer["sources"] if source["group"] == "social")
    assert (social["state"], social["retryable"]) == ("unavailable", True)
    assert {"group": "social", "state": "unavailable"} in lamps
    assert {"group": "population", "state": "ok"} in lamps


def test_the_metrics_tell_which_source_is_left_alone(
    tmp_path: Path, mock: MockMagda, certificates: Certificates
) -> None:
    """The breaker of one service of a group opens, and that of no other."""
    port = free_port()
    server = server_with(tmp_path, f"[metrics]\nport = {port}\n" + sources(mock, certificates))
    handicap = 'one_source_state{group="social",source="GeefDossierHandicap",state="%s"} 1.0'
    try:
        assert handicap % "unknown" in read(port)
        ask(server, TEUN)
        assert handicap % "ok" in read(port)
        mock.plan.faults = {"GeefDossierHandicap": Fault.HTTP_500}
        for _ in range(WINDOW):
            ask(server, TEUN)
        told = read(port)
    finally:
        server.close()
    assert handicap % "unavailable" in told
    assert told.count('state="unavailable"} 1.0') == 2  # and the lamp of the group
    assert 'one_source_state{group="population",source="GeefPersoon",state="ok"} 1.0' in told
