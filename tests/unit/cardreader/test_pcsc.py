"""The PC/SC adapter against a service that does everything wrong."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from smartcard import Exceptions
from smartcard import scard as real
from smartcard.pcsc import PCSCExceptions

from kiosk.cardreader import monitor, pcsc
from kiosk.cardreader.line import LineFailed
from kiosk.cardreader.pcsc import PcscSlot, problem_of
from kiosk.cardreader.pcsc_results import PROBLEMS
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import CardReset, Response
from tests.support.fake_scard import ATR, OK, FakeScard

NAME = "Reader 00 00"
COMMAND = bytes.fromhex("80E400001C")

# Each result of the library, looked at once. A new constant belongs into a row on purpose.
EXPECTED = {
    ProblemCode.PCSC_DOWN: {
        *("E_NO_SERVICE", "E_SERVICE_STOPPED", "E_INVALID_HANDLE", "E_SYSTEM_CANCELLED"),
        "P_SHUTDOWN",
    },
    ProblemCode.PCSC_REFUSED: {"W_SECURITY_VIOLATION", "E_NO_ACCESS"},
    ProblemCode.NO_READER: {"E_NO_READERS_AVAILABLE"},
    ProblemCode.READER_LOST: {"E_UNKNOWN_READER", "E_READER_UNAVAILABLE"},
    ProblemCode.CARD_REMOVED_EARLY: {"E_NO_SMARTCARD", "W_REMOVED_CARD"},
    ProblemCode.NOT_AN_EID: {"E_PROTO_MISMATCH"},
    ProblemCode.CARD_MUTE: {
        *("W_UNRESPONSIVE_CARD", "W_UNSUPPORTED_CARD", "W_UNPOWERED_CARD"),
    },
    ProblemCode.CARD_HELD: {"E_SHARING_VIOLATION", "E_NOT_READY", "E_SERVER_TOO_BUSY"},
    ProblemCode.CARD_UNREADABLE: {
        # The line to the card fails; within a transmit the slot is looked at.
        *("E_NOT_TRANSACTED", "E_COMM_DATA_LOST", "F_COMM_ERROR", "F_WAITED_TOO_LONG"),
        # Handled before anybody asks for its problem.
        *("W_RESET_CARD", "E_TIMEOUT", "E_CANCELLED"),
        # The service, or we, did something that should not happen.
        *("F_INTERNAL_ERROR", "F_UNKNOWN_ERROR", "E_UNEXPECTED", "E_UNSUPPORTED_FEATURE"),
        *("E_INVALID_PARAMETER", "E_INVALID_TARGET", "E_INVALID_VALUE", "E_INVALID_ATR"),
        *("E_NO_MEMORY", "E_INSUFFICIENT_BUFFER", "E_PCI_TOO_SMALL", "E_CANT_DISPOSE"),
        *("E_READER_UNSUPPORTED", "E_DUPLICATE_READER", "E_CARD_UNSUPPORTED", "E_UNKNOWN_CARD"),
        "E_UNKNOWN_RES_MNG",
        # Of functions for files, keys, certificates and PINs, which nothing here calls.
        *("E_BAD_SEEK", "E_DIR_NOT_FOUND", "E_FILE_NOT_FOUND", "E_NO_DIR", "E_NO_FILE"),
        *("E_WRITE_TOO_MANY", "E_ICC_CREATEORDER", "E_ICC_INSTALLATION", "W_EOF"),
        *("E_CERTIFICATE_UNAVAILABLE", "E_NO_SUCH_CERTIFICATE", "E_NO_KEY_CONTAINER"),
        *("E_INVALID_CHV", "W_WRONG_CHV", "W_CHV_BLOCKED", "W_CARD_NOT_AUTHENTICATED"),
        "W_CANCELLED_BY_USER",
    },
}
WINDOWS = {
    5: ProblemCode.PCSC_REFUSED,  # access denied
    6: ProblemCode.PCSC_DOWN,  # invalid handle
    22: ProblemCode.CARD_UNREADABLE,  # the device does not know the command
    31: ProblemCode.CARD_UNREADABLE,  # the device does not work
    109: ProblemCode.PCSC_DOWN,  # a remote session without cards
    121: ProblemCode.CARD_SILENT,  # timed out
    995: ProblemCode.CARD_REMOVED_EARLY,  # aborted
    1112: ProblemCode.CARD_REMOVED_EARLY,  # no medium
    1117: ProblemCode.CARD_UNREADABLE,  # input/output error of the device
    1167: ProblemCode.READER_LOST,  # not connected
}
WINDOWS_FACILITY = {
    0x80100022: ProblemCode.CARD_UNREADABLE,  # unsupported feature, which is 0x8010001F elsewhere
    0x80100032: ProblemCode.CARD_UNREADABLE,  # of PINs kept, which nothing here asks for
    0x80100033: ProblemCode.CARD_UNREADABLE,
    0x80100034: ProblemCode.CARD_UNREADABLE,  # a card that cannot be written to
    0x80100070: ProblemCode.CARD_UNREADABLE,  # of what Windows keeps of cards
    0x80100071: ProblemCode.CARD_UNREADABLE,
    0x80100072: ProblemCode.CARD_UNREADABLE,
}
"""Results that only Windows knows, for which pyscard has no name (winerror.h)."""
NAMES = sorted(
    name.removeprefix("SCARD_")
    for name in dir(real)
    if name.startswith(("SCARD_E_", "SCARD_W_", "SCARD_F_", "SCARD_P_S"))
)


@pytest.fixture(params=[False, True], ids=["pcsc-lite", "windows"])
def scard(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FakeScard:
    """A reader with a card in it."""
    fake = FakeScard(NAME, windows=request.param).install(monkeypatch)
    fake.insert(NAME)
    return fake


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still but for naps, which take no time."""
    monkeypatch.setattr(pcsc, "_NOTICED_AFTER", 1)
    taken: list[float] = []
    clock = SimpleNamespace(sleep=taken.append, monotonic=lambda: sum(taken))
    monkeypatch.setattr(pcsc, "time", clock)
    return taken


def transmit(command: bytes = COMMAND) -> Response:
    with PcscSlot(SlotName(NAME)).open() as card:
        return card.transmit(command)


def code_of(action: Callable[[], object] = transmit) -> ProblemCode:
    with pytest.raises(KioskError) as raised:
        action()
    return raised.value.problem.code


def test_every_result_of_the_library_is_in_one_row() -> None:
    rows = sorted(name for names in EXPECTED.values() for name in names)
    assert rows == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_result_has_its_problem(name: str) -> None:
    result = getattr(real, f"SCARD_{name}")
    (expected,) = [code for code, names in EXPECTED.items() if name in names]
    assert problem_of(result) is expected
    assert problem_of(result - (1 << 32)) is expected


@pytest.mark.parametrize("result", WINDOWS)
def test_results_of_windows_itself(result: int) -> None:
    assert problem_of(result) is WINDOWS[result]


def test_no_number_of_the_facility_is_left_out() -> None:
    """Every one up to the last that Windows knows, in its two runs."""
    named = {getattr(real, f"SCARD_{name}") & 0xFFFFFFFF for name in NAMES}
    assert named | set(WINDOWS_FACILITY) >= {*range(0x80100001, 0x80100035)}
    assert named | set(WINDOWS_FACILITY) >= {*range(0x80100065, 0x80100073)}
    assert not named & set(WINDOWS_FACILITY)
    assert set(PROBLEMS) <= named | set(WINDOWS), "a row for a number that nobody gives"


@pytest.mark.parametrize("result", WINDOWS_FACILITY)
def test_results_that_only_windows_knows(result: int) -> None:
    assert problem_of(result) is WINDOWS_FACILITY[result]
    assert problem_of(result - (1 << 32)) is WINDOWS_FACILITY[result]


@pytest.mark.parametrize("module", [pcsc, monitor], ids=lambda module: module.__name__)
def test_nothing_of_pyscard_is_used_that_raises(module: ModuleType) -> None:
    """Its classes do; its plain functions return results, each of which is in a row."""
    nodes = ast.walk(ast.parse(inspect.getsource(module)))
    imports = [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [one for one in imports if "smartcard" in one] == ["from smartcard import scard"]


EXCEPTIONS: dict[Any, Mapping[str, inspect.Parameter]] = {
    kind: inspect.signature(kind).parameters
    for module in (Exceptions, PCSCExceptions)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Exceptions.SmartcardException)
}


@pytest.mark.parametrize("kind", EXCEPTIONS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_what_an_exception_of_pyscard_carries_is_in_a_row(kind: Any) -> None:
    """Should its classes ever be used: the result is the same, or none, which is unreadable."""
    needed = [one for one, what in EXCEPTIONS[kind].items() if what.default is what.empty]
    texts = dict.fromkeys({"message", "readername", "mask"} & {*needed}, "")
    for name in NAMES:
        result = getattr(real, f"SCARD_{name}")
        given = {"hresult": result} if "hresult" in EXCEPTIONS[kind] else {}
        error = kind(**texts, **given)
        if given:
            assert problem_of(error.hresult) is problem_of(result)
        else:
            assert problem_of(error.hresult) is ProblemCode.CARD_UNREADABLE


@pytest.mark.parametrize("result", [1, -1, 0x7FFFFFFF, 0x80100099, 0x8010FFFF, 0xFFFFFFFF])
def test_an_unknown_result_is_a_card_that_cannot_be_read(result: int) -> None:
    assert problem_of(result) is ProblemCode.CARD_UNREADABLE


class TestWhatIsAskedOfTheService:
    def test_shared_t0_one_transaction_and_the_card_left_as_it_was(self, scard: FakeScard) -> None:
        scard.answers = [(OK, [1, 2, 0x61, 0x0A])]
        with PcscSlot(SlotName(NAME)).open() as card:
            assert card.atr == ATR
            assert card.transmit(COMMAND) == Response(b"\1\2", 0x610A)
        assert [name for name, _ in scard.calls if name != "SCardStatus"] == [
            "SCardEstablishContext",
            "SCardConnect",
            "SCardBeginTransaction",
            "SCardTransmit",
            "SCardEndTransaction",
            "SCardDisconnect",
            "SCardReleaseContext",
        ]
        (connected,) = scard.arguments("SCardConnect")
        assert connected[1:] == (NAME, real.SCARD_SHARE_SHARED, real.SCARD_PROTOCOL_T0)
        (sent,) = scard.arguments("SCardTransmit")
        assert sent[1:] == (real.SCARD_PCI_T0, list(COMMAND))
        for end in ("SCardEndTransaction", "SCardDisconnect"):
            assert [disposition for _, disposition in scard.arguments(end)] == [
                real.SCARD_LEAVE_CARD
            ]

    def test_the_slot_has_its_name(self) -> None:
        assert PcscSlot(SlotName(NAME)).name == NAME

    def test_no_answer_to_reset_of_a_card_that_is_gone(self, scard: FakeScard) -> None:
        scard.fail("SCardStatus", real.SCARD_W_REMOVED_CARD)
        with PcscSlot(SlotName(NAME)).open() as card:
            assert card.atr == b""


class TestNothingIsLeftBehind:
    @pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, CardReset, GeneratorExit])
    def test_when_the_body_raises(self, scard: FakeScard, error: type[BaseException]) -> None:
        with pytest.raises(error), PcscSlot(SlotName(NAME)).open():
            raise error
        assert scard.leftovers() == (0, 0, 0)
        assert scard.arguments("SCardDisconnect")[0][1] == real.SCARD_LEAVE_CARD

    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize(
        "function",
        ["SCardEstablishContext", "SCardConnect", "SCardBeginTransaction", "SCardTransmit"],
    )
    def test_whatever_fails_wherever(self, scard: FakeScard, function: str, name: str) -> None:
        for call in range(1, 30):
            scard.fail(function, getattr(real, f"SCARD_{name}"), at=call)
        with pytest.raises((KioskError, CardReset)):
            transmit()
        assert scard.leftovers() == (0, 0, 0)
        assert scard.count("SCardReleaseContext") == (function != "SCardEstablishContext")

    @pytest.mark.parametrize(
        "function", ["SCardEndTransaction", "SCardDisconnect", "SCardReleaseContext"]
    )
    def test_failing_to_let_go_is_no_problem(self, scard: FakeScard, function: str) -> None:
        scard.fail(function, real.SCARD_E_INVALID_HANDLE)
        assert transmit().status == 0x9000
        assert scard.leftovers() == (0, 0, 0)


class TestConnecting:
    @pytest.mark.parametrize(
        "held",
        [real.SCARD_E_SHARING_VIOLATION, real.SCARD_E_NOT_READY, real.SCARD_E_SERVER_TOO_BUSY],
    )
    def test_waits_while_another_program_has_the_card(
        self, scard: FakeScard, naps: list[float], held: int
    ) -> None:
        scard.fail("SCardConnect", held)
        scard.fail("SCardConnect", held)
        assert transmit().status == 0x9000
        assert naps == [0.05, 0.1], "the pauses grow"

    @pytest.mark.parametrize(
        "passing",
        [
            *(real.SCARD_E_SHARING_VIOLATION, real.SCARD_E_NOT_READY),
            *(real.SCARD_E_COMM_DATA_LOST, real.SCARD_E_NOT_TRANSACTED),
        ],
    )
    @pytest.mark.parametrize("function", ["SCardConnect", "SCardBeginTransaction"])
    def test_what_passes_is_tried_again(
        self, scard: FakeScard, naps: list[float], function: str, passing: int
    ) -> None:
        for call in (1, 2, 3):
            scard.fail(function, passing, at=call)
        assert transmit().status == 0x9000
        assert len(naps) == 3
        assert scard.leftovers() == (0, 0, 0)

    def test_a_card_that_is_spoken_to_too_soon_for_ever_is_unreadable(
        self, scard: FakeScard, naps: list[float]
    ) -> None:
        for call in range(1, 100):
            scard.fail("SCardConnect", real.SCARD_E_COMM_DATA_LOST, at=call)
        assert code_of() is ProblemCode.CARD_UNREADABLE
        assert 4 <= sum(naps) < 5

    def test_a_transaction_that_never_begins_is_anothers(
        self, scard: FakeScard, naps: list[float]
    ) -> None:
        for call in range(1, 100):
            scard.fail("SCardBeginTransaction", real.SCARD_E_SHARING_VIOLATION, at=call)
        assert code_of() is ProblemCode.CARD_HELD
        assert 4 <= sum(naps) < 5
        assert scard.leftovers() == (0, 0, 0)

    def test_and_gives_up_before_its_watchdog_does(
        self, scard: FakeScard, naps: list[float]
    ) -> None:
        for call in range(1, 100):
            scard.fail("SCardConnect", real.SCARD_E_SHARING_VIOLATION, at=call)
        assert code_of() is ProblemCode.CARD_HELD
        assert 4 <= sum(naps) < 5
        assert scard.count("SCardConnect") < 30

    @pytest.mark.parametrize(
        ("atr", "code"),
        [
            ("3B6500002063CB6800", ProblemCode.NOT_AN_EID),
            ("3F6525082204680000", ProblemCode.NOT_AN_EID),
            ("", ProblemCode.CARD_MUTE),
            ("3B", ProblemCode.CARD_MUTE),
            ("00" * 33, ProblemCode.CARD_MUTE),
            ("FFFFFFFF", ProblemCode.CARD_MUTE),
        ],
    )
    def test_a_card_of_another_protocol_is_told_from_noise(
        self, scard: FakeScard, naps: list[float], atr: str, code: ProblemCode
    ) -> None:
        for reader in scard.readers.values():
            reader.atr = bytes.fromhex(atr)
        scard.fail("SCardConnect", real.SCARD_E_PROTO_MISMATCH)
        assert code_of() is code
        assert naps == []

    def test_a_card_of_another_protocol_that_left_is_no_eid(self, scard: FakeScard) -> None:
        scard.fail("SCardConnect", real.SCARD_E_PROTO_MISMATCH)
        scard.fail("SCardGetStatusChange", real.SCARD_E_NO_SERVICE)
        assert code_of() is ProblemCode.CARD_MUTE

    @pytest.mark.parametrize("function", ["SCardBeginTransaction", "SCardTransmit"])
    def test_who_was_let_in_is_not_refused_later(self, scard: FakeScard, function: str) -> None:
        scard.fail(function, real.SCARD_W_SECURITY_VIOLATION)
        with pytest.raises(KioskError) as caught, PcscSlot(SlotName(NAME)).open() as card:
            card.transmit(bytes(5))
        assert caught.value.problem.code is ProblemCode.PCSC_DOWN

    def test_pyscard_breaking_is_the_service_going(
        self, scard: FakeScard, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise SystemError("returned NULL without setting an exception")

        monkeypatch.setattr(scard, "SCardGetStatusChange", broken, raising=False)
        with pytest.raises(KioskError) as caught:
            pcsc.holds_card(SlotName(NAME))
        assert caught.value.problem.code is ProblemCode.PCSC_DOWN

    @pytest.mark.parametrize(
        "mute",
        [
            real.SCARD_W_UNRESPONSIVE_CARD,
            real.SCARD_W_UNPOWERED_CARD,
            real.SCARD_W_UNSUPPORTED_CARD,
        ],
    )
    def test_a_mute_card(self, scard: FakeScard, mute: int) -> None:
        scard.fail("SCardConnect", mute)
        assert code_of() is ProblemCode.CARD_MUTE

    def test_no_card_and_no_reader(self, scard: FakeScard) -> None:
        scard.remove(NAME)
        assert code_of() is ProblemCode.CARD_REMOVED_EARLY
        scard.unplug(NAME)
        assert code_of() is ProblemCode.READER_LOST


class TestAnotherProgramResetsTheCard:
    @pytest.mark.parametrize("function", ["SCardConnect", "SCardBeginTransaction", "SCardTransmit"])
    def test_the_read_starts_over(self, scard: FakeScard, function: str) -> None:
        scard.fail(function, real.SCARD_W_RESET_CARD)
        with pytest.raises(CardReset):
            transmit()
        assert transmit().status == 0x9000

    @pytest.mark.parametrize("function", ["SCardBeginTransaction", "SCardTransmit"])
    def test_so_it_does_when_the_card_was_powered_down(
        self, scard: FakeScard, function: str
    ) -> None:
        scard.fail(function, real.SCARD_W_UNPOWERED_CARD)
        with pytest.raises(CardReset):
            transmit()


SILENCE = {
    "not transacted": (real.SCARD_E_NOT_TRANSACTED, []),
    "data lost": (real.SCARD_E_COMM_DATA_LOST, []),
    "windows: device error": (1117, []),
    "unknown": (0x80100099, []),
    "nothing": (OK, []),
    "one byte": (OK, [0x90]),
}


@pytest.mark.parametrize("kind", SILENCE)
class TestSilence:
    """No answer: what the slot holds a moment later tells why."""

    @pytest.fixture(autouse=True)
    def _silent(self, scard: FakeScard, kind: str) -> None:
        scard.answers = [SILENCE[kind]]

    def test_the_card_is_still_in_and_is_reset(self, scard: FakeScard) -> None:
        with pytest.raises(LineFailed):
            transmit()
        ((_, *how),) = scard.arguments("SCardReconnect")
        assert how == [real.SCARD_SHARE_SHARED, real.SCARD_PROTOCOL_T0, real.SCARD_RESET_CARD]
        assert scard.leftovers() == (0, 0, 0)
        assert transmit().status == 0x9000

    def test_a_reset_that_fails_is_tried_again(self, scard: FakeScard) -> None:
        for call in (1, 2):
            scard.fail("SCardReconnect", real.SCARD_E_COMM_DATA_LOST, at=call)
        with pytest.raises(LineFailed):
            transmit()
        assert scard.count("SCardReconnect") == 3

    @pytest.mark.parametrize(
        "result", [real.SCARD_E_COMM_DATA_LOST, real.SCARD_E_PROTO_MISMATCH, 1117]
    )
    def test_nothing_is_said_of_a_card_that_cannot_be_reset(
        self, scard: FakeScard, result: int
    ) -> None:
        """Neither that it is no eID, nor (at the chip's proof) that it is a copy."""
        for call in range(1, 20):
            scard.fail("SCardReconnect", result, at=call)
        assert code_of() is ProblemCode.CARD_SILENT

    @pytest.mark.parametrize("result", [real.SCARD_W_RESET_CARD, real.SCARD_W_UNPOWERED_CARD])
    def test_a_reset_of_the_line_is_no_reset_by_another_program(
        self, scard: FakeScard, result: int
    ) -> None:
        scard.fail("SCardReconnect", result)
        with pytest.raises(LineFailed):
            transmit()

    def test_a_reset_is_tried_three_times(self, scard: FakeScard) -> None:
        for call in range(1, 20):
            scard.fail("SCardReconnect", real.SCARD_E_COMM_DATA_LOST, at=call)
        code_of()
        assert scard.count("SCardReconnect") == 3

    @pytest.mark.parametrize(
        ("result", "code"),
        [
            (real.SCARD_W_REMOVED_CARD, ProblemCode.CARD_REMOVED_EARLY),
            (real.SCARD_W_UNRESPONSIVE_CARD, ProblemCode.CARD_MUTE),
            (real.SCARD_E_READER_UNAVAILABLE, ProblemCode.READER_LOST),
            (real.SCARD_E_NO_SERVICE, ProblemCode.PCSC_DOWN),
            (real.SCARD_W_SECURITY_VIOLATION, ProblemCode.PCSC_DOWN),
            (real.SCARD_E_SHARING_VIOLATION, ProblemCode.CARD_HELD),
        ],
    )
    def test_a_reset_may_tell_more(self, scard: FakeScard, result: int, code: ProblemCode) -> None:
        scard.fail("SCardReconnect", result)
        assert code_of() is code
        assert scard.count("SCardReconnect") == 1

    def test_another_program_was_faster(self, scard: FakeScard) -> None:
        scard.fail("SCardReconnect", real.SCARD_W_RESET_CARD)
        with pytest.raises(CardReset):
            transmit()

    def test_the_card_is_out(self, scard: FakeScard) -> None:
        scard.before["SCardTransmit"] = lambda: scard.remove(NAME)
        assert code_of() is ProblemCode.CARD_REMOVED_EARLY

    def test_the_removal_is_noticed_a_moment_later(self, scard: FakeScard) -> None:
        def then() -> None:
            scard.before["SCardGetStatusChange"] = lambda: scard.remove(NAME)

        scard.before["SCardGetStatusChange"] = then
        assert code_of() is ProblemCode.CARD_REMOVED_EARLY
        assert scard.count("SCardGetStatusChange") == 2

    def test_out_and_in_again_a_moment_later(self, scard: FakeScard) -> None:
        def then() -> None:
            scard.before["SCardGetStatusChange"] = swap

        def swap() -> None:
            scard.remove(NAME)
            scard.insert(NAME)

        scard.before["SCardGetStatusChange"] = then
        with pytest.raises(LineFailed):
            transmit()

    def test_the_reader_is_unplugged(self, scard: FakeScard) -> None:
        scard.before["SCardTransmit"] = lambda: scard.unplug(NAME)
        assert code_of() is ProblemCode.READER_LOST

    @pytest.mark.parametrize("look", [1, 2])
    def test_the_service_says_that_the_reader_is_not_there(
        self, scard: FakeScard, look: int
    ) -> None:
        scard.fail("SCardGetStatusChange", real.SCARD_E_READER_UNAVAILABLE, at=look)
        assert code_of() is ProblemCode.READER_LOST

    def test_the_reader_is_marked_as_away(self, scard: FakeScard) -> None:
        scard.readers[NAME].extra = real.SCARD_STATE_UNAVAILABLE
        assert code_of() is ProblemCode.READER_LOST

    @pytest.mark.parametrize("look", [1, 2])
    def test_the_service_is_gone_meanwhile(self, scard: FakeScard, look: int) -> None:
        scard.fail("SCardGetStatusChange", real.SCARD_E_NO_SERVICE, at=look)
        assert code_of() is ProblemCode.PCSC_DOWN

    def test_nobody_can_tell(self, scard: FakeScard) -> None:
        scard.fail("SCardGetStatusChange", real.SCARD_F_INTERNAL_ERROR)
        assert code_of() is ProblemCode.CARD_REMOVED_EARLY


class TestAnswers:
    def test_two_bytes_are_a_status(self, scard: FakeScard) -> None:
        scard.answers = [(OK, [0x6A, 0x82])]
        assert transmit() == Response(b"", 0x6A82)

    def test_a_long_answer_comes_through_whole(self, scard: FakeScard) -> None:
        scard.answers = [(OK, [0xA5] * 0x10000 + [0x90, 0x00])]
        assert transmit() == Response(b"\xa5" * 0x10000, 0x9000)

    @pytest.mark.parametrize(
        ("result", "code"),
        [
            (real.SCARD_W_REMOVED_CARD, ProblemCode.CARD_REMOVED_EARLY),
            (real.SCARD_E_NO_SMARTCARD, ProblemCode.CARD_REMOVED_EARLY),
            (1112, ProblemCode.CARD_REMOVED_EARLY),
            (995, ProblemCode.CARD_REMOVED_EARLY),
            (real.SCARD_E_READER_UNAVAILABLE, ProblemCode.READER_LOST),
            (real.SCARD_E_NO_SERVICE, ProblemCode.PCSC_DOWN),
            (real.SCARD_E_INVALID_HANDLE, ProblemCode.PCSC_DOWN),
        ],
    )
    def test_a_clear_failure_needs_no_second_look(
        self, scard: FakeScard, result: int, code: ProblemCode
    ) -> None:
        scard.fail("SCardTransmit", result)
        assert code_of() is code
        assert scard.count("SCardGetStatusChange") == 0


class TestTheServiceItself:
    def test_no_service(self, scard: FakeScard) -> None:
        scard.stop()
        for ask in (transmit, pcsc.reader_names, lambda: pcsc.holds_card(SlotName(NAME))):
            assert code_of(ask) is ProblemCode.PCSC_DOWN

    def test_whatever_keeps_us_out_the_service_is_down(self, scard: FakeScard) -> None:
        scard.stop(real.SCARD_E_NO_MEMORY)
        assert code_of() is ProblemCode.PCSC_DOWN

    def test_access_refused(self, scard: FakeScard) -> None:
        scard.stop(real.SCARD_W_SECURITY_VIOLATION)
        assert code_of() is ProblemCode.PCSC_REFUSED

    @pytest.mark.parametrize("function", ["SCardConnect", "SCardBeginTransaction", "SCardTransmit"])
    def test_gone_in_the_middle(self, scard: FakeScard, function: str) -> None:
        scard.before[function] = scard.stop
        assert code_of() is ProblemCode.PCSC_DOWN
        scard.start()
        assert transmit().status == 0x9000

    def test_the_names_of_readers(self, scard: FakeScard) -> None:
        assert pcsc.reader_names() == (NAME,)
        scard.unplug(NAME)
        assert pcsc.reader_names() == ()
        scard.fail("SCardListReaders", real.SCARD_E_INVALID_HANDLE)
        assert code_of(pcsc.reader_names) is ProblemCode.PCSC_DOWN
        assert scard.leftovers() == (0, 0, 0)

    def test_whether_a_slot_holds_a_card(self, scard: FakeScard) -> None:
        assert pcsc.holds_card(SlotName(NAME))
        scard.remove(NAME)
        assert not pcsc.holds_card(SlotName(NAME))
        scard.unplug(NAME)
        assert not pcsc.holds_card(SlotName(NAME))
        scard.before["SCardGetStatusChange"] = scard.stop
        assert code_of(lambda: pcsc.holds_card(SlotName(NAME))) is ProblemCode.PCSC_DOWN
