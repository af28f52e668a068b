"""The simulated card in a real pcscd: other people's programs must take it for an eID."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.cardreader.simulator.encoding import split_tlvs
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import person
from tests.support.pcsc_stack import READER, CardProcess, PcscStack, pcsc_stack

pytestmark = pytest.mark.e2e

AN = person("an-peeters")

# A program that knows PC/SC and nothing of ours: reads the identity, tells how it ended.
READ_IDENTITY = """
import sys
from smartcard import scard
result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
result, card, protocol = scard.SCardConnect(
    context, sys.argv[1], scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0)
print(hex(result & 0xFFFFFFFF))
content = b""
for command in ["00A4080C063F00DF014031", "00B0000000", None]:
    command = command or "00B00000%02X" % answer[1]
    result, answer = scard.SCardTransmit(card, scard.SCARD_PCI_T0, list(bytes.fromhex(command)))
    if result or not answer:
        result, states = scard.SCardGetStatusChange(context, 5000, [
            (sys.argv[1], scard.SCARD_STATE_PRESENT | scard.SCARD_STATE_INUSE)])
        print("removed" if states[0][1] & scard.SCARD_STATE_EMPTY else states)
        sys.exit(1)
print(bytes(answer[:-2]).hex())
"""

CONNECT = """
import sys
from smartcard import scard
result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
print(hex(result & 0xFFFFFFFF))
result, readers = scard.SCardListReaders(context, [])
print(len(readers))
result, card, protocol = scard.SCardConnect(
    context, sys.argv[1], scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0)
print(hex(result & 0xFFFFFFFF))
"""

Simulate = Callable[..., CardProcess]


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pki")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PcscStack]:
    with pcsc_stack(tmp_path_factory.mktemp("pcsc")) as running:
        yield running


@pytest.fixture
def simulate(stack: PcscStack, pki: Path) -> Iterator[Simulate]:
    started: list[CardProcess] = []

    def start(*arguments: str) -> CardProcess:
        started.append(stack.simulate_card(*arguments, pki=pki))
        return started[-1]

    yield start
    for card in started:
        if card.process.poll() is None:
            assert card.close() == 0
    stack.wait_for_card(present=False)


def lines(result: subprocess.CompletedProcess[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in result.stdout.splitlines())
    return {name: value.strip() for name, _, value in pairs}


@pytest.mark.parametrize("applet", [Applet.V1_7, Applet.V1_8], ids=["1.7", "1.8"])
def test_opensc_takes_it_for_an_eid(stack: PcscStack, simulate: Simulate, applet: Applet) -> None:
    simulate("--applet", applet.version)
    assert stack.run("opensc-tool", "--atr").stdout.strip() == applet.atr.hex(":")
    assert stack.run("opensc-tool", "--name").stdout.strip() == "Belpic cards"
    printed = lines(stack.run("eidenv"))
    assert printed["BELPIC_NATIONALNUMBER"] == AN.number
    assert (printed["BELPIC_NAME"], printed["BELPIC_FIRSTNAMES"]) == ("Peeters", "An")
    assert printed["BELPIC_MUNICIPALITY"] == "Gent"
    certificates = stack.run("pkcs15-tool", "--list-certificates").stdout
    assert [name in certificates for name in ("[Authentication]", "[Signature]", "[CA]")] == [
        True,
        True,
        True,
    ]
    root = stack.run("pkcs15-tool", "--read-certificate", "06").stdout
    assert root.startswith("-----BEGIN CERTIFICATE-----")


@pytest.mark.parametrize("applet", ["1.1", "1.7", "1.8"])
def test_opensc_finds_its_way_through_the_whole_card(
    stack: PcscStack, simulate: Simulate, applet: str
) -> None:
    """TokenInfo, object directory, PINs, keys and certificates (card manual 3)."""
    simulate("--applet", applet)
    done = stack.run("pkcs15-tool", "--dump")
    assert done.returncode == 0, done.stderr
    dump = done.stdout
    assert "PKCS#15 Card [BELPIC]" in dump
    assert AN.chip_number.hex() in dump
    assert "PIN [Basic PIN]" in dump
    key = {"1.1": "ModLength      : 1024", "1.7": "ModLength      : 2048", "1.8": "EC Key"}[applet]
    assert dump.count(key) >= 2
    labels = [line.split("[")[1].rstrip("]") for line in dump.splitlines() if "X.509" in line]
    assert labels == ["Authentication", "Signature", "CA", "Root"]
    for identifier in ("02", "03", "04", "06"):
        certificate = stack.run("pkcs15-tool", "--read-certificate", identifier).stdout
        assert certificate.startswith("-----BEGIN CERTIFICATE-----"), identifier


@pytest.mark.parametrize("applet", ["1.1", "1.7", "1.8"])
def test_a_plain_program_reads_the_identity(
    stack: PcscStack, simulate: Simulate, tmp_path: Path, applet: str
) -> None:
    log = tmp_path / "log"
    simulate("--applet", applet, "--log", str(log))
    result = stack.python("-c", READ_IDENTITY, READER)
    connected, content = result.stdout.split()
    assert connected == "0x0"
    assert dict(split_tlvs(bytes.fromhex(content)))[0x06] == AN.number.encode()
    assert len(log.read_text("utf-8").splitlines()) == 3
    assert AN.number not in log.read_text("utf-8")


@pytest.mark.parametrize("command", ["1", "2", "3"])
def test_pulled_during_a_read(stack: PcscStack, simulate: Simulate, command: str) -> None:
    card = simulate("--fault", f"pull:{command}")
    result = stack.python("-c", READ_IDENTITY, READER)
    assert (result.returncode, result.stdout.split()[-1]) == (1, "removed"), result
    card.wait_for("no card in reader")
    card.say("in")
    card.wait_for("card in reader")
    stack.wait_for_card()
    assert stack.python("-c", READ_IDENTITY, READER).returncode == 0


def test_a_restarted_service_finds_the_card_again(stack: PcscStack, simulate: Simulate) -> None:
    card = simulate()
    stack.restart_pcscd()
    card.wait_for("no card in reader")
    assert card.wait_for("card in reader") == f"card in reader: {AN.id}"
    stack.wait_for_card()
    assert stack.python("-c", READ_IDENTITY, READER).returncode == 0


def test_it_does_what_it_is_told(stack: PcscStack, simulate: Simulate) -> None:
    card = simulate()
    pin = card.pin
    assert len(bytes.fromhex(pin)) == 32
    card.say("nonsense")
    card.wait_for("say: ")
    card.say("person nobody")
    card.wait_for("there is nobody called 'nobody'")
    card.say("out")
    card.wait_for("no card in reader")
    stack.wait_for_card(present=False)
    card.say("person karim-zonnedauw")
    card.wait_for("card in reader: karim-zonnedauw")
    stack.wait_for_card()
    karim = person("karim-zonnedauw")
    assert lines(stack.run("eidenv"))["BELPIC_NATIONALNUMBER"] == karim.number
    card.say("quit")
    assert card.process.wait(10) == 0
    assert simulate().pin == pin


def test_a_mute_card(stack: PcscStack, simulate: Simulate) -> None:
    simulate("--fault", "mute")
    *_, connected = stack.python("-c", CONNECT, READER).stdout.split()
    assert connected in ("0x80100066", "0x80100067")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_a_signal_ends_it_well(simulate: Simulate, number: signal.Signals) -> None:
    card = simulate()
    card.process.send_signal(number)
    assert card.process.wait(10) == 0


def kiosk(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kiosk", "simulate-card", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def test_what_cannot_be_simulated(pki: Path) -> None:
    nobody = kiosk("--person", "nobody", "--pki", str(pki))
    assert nobody.returncode == 64
    assert AN.id in nobody.stderr
    wrong = kiosk("--fault", "nonsense", "--pki", str(pki))
    assert wrong.returncode == 64
    assert "chip-copied" in wrong.stderr
    assert kiosk("--applet", "2.0").returncode == 64
    assert "rrn-intermediate" in kiosk("--help").stdout


def test_a_service_without_a_reader(tmp_path: Path) -> None:
    with pcsc_stack(tmp_path, reader=False) as bare:
        established, readers, connected = bare.python("-c", CONNECT, READER).stdout.split()
    assert (established, readers) == ("0x0", "0")
    assert connected != "0x0"


def test_a_service_that_hangs(tmp_path: Path) -> None:
    with pcsc_stack(tmp_path) as own:
        own.stop_pcscd()
        asking = own.popen(sys.executable, "-c", CONNECT, READER, stdout=subprocess.DEVNULL)
        with pytest.raises(subprocess.TimeoutExpired):
            asking.wait(0.3)
        own.continue_pcscd()
        assert asking.wait(10) == 0


def test_nothing_is_left_of_a_stack(tmp_path: Path) -> None:
    with pcsc_stack(tmp_path) as own:
        inside = own.popen("sleep", "1000")
        holder = own._holder.pid
        networks = {Path(f"/proc/{pid}/ns/net").readlink() for pid in ("self", holder)}
        assert len(networks) == 2
    assert inside.returncode == -signal.SIGKILL
    assert not Path(f"/proc/{holder}").exists()
