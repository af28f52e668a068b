"""The second way to a card: the same proof and the same refusals as with our own commands.

The module is SoftHSM2 with the objects that the eID middleware shows, behind one that gives its
slots the names of readers and fails when told to. The middleware itself is not run here.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import functools
import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pkcs11
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pkcs11 import SlotFlag, TokenFlag

from kiosk.agent.watchdog import Watchdog, WatchedSlot
from kiosk.cardreader.certificate_cache import CertificateCache
from kiosk.cardreader.identity_reader import EidReader
from kiosk.cardreader.pkcs11 import Middleware, problem_of
from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.faults_in_files import IN_FILES
from kiosk.cardreader.simulator.faults_of_issuing import OF_ISSUING
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import person
from kiosk.domain.identity import Proof
from kiosk.domain.national_number import Purpose
from kiosk.domain.policy import CardPolicy, ChipProof
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import CardError, Reading
from tests.support.cards import NOW, PERSON, Cards
from tests.support.middleware import DATA, FORBIDDEN, SOFTHSM, CardBox, shim
from tests.support.sampling import sampled
from tests.unit.cardreader.test_identity_reader import FAULTS, GENERATIONS

V1_7, V1_8 = Applet.V1_7, Applet.V1_8
READER = SlotName("Virtual PCD 00 00")
OTHER_READER = SlotName("Virtual PCD 00 01")
_OF_THE_CARD = {kind.name for kind in (*IN_FILES, *OF_ISSUING)} - {"endless", "short-card-data"}
"""Faults that a card has whoever reads it; the others are about our own commands."""
SAME_FAULTS = {fault: code for fault, code in FAULTS.items() if fault.split(":")[0] in _OF_THE_CARD}
CKR_DEVICE_ERROR, CKR_FUNCTION_FAILED, CKR_GENERAL_ERROR = 0x30, 0x06, 0x05
CKR_HOST_MEMORY, CKR_MADE_UP = 0x02, 0x80000001
ERRORS = {
    0xE0: ProblemCode.CARD_REMOVED_EARLY,  # CKR_TOKEN_NOT_PRESENT
    0x32: ProblemCode.CARD_REMOVED_EARLY,  # CKR_DEVICE_REMOVED
    0xB3: ProblemCode.CARD_REMOVED_EARLY,  # CKR_SESSION_HANDLE_INVALID
    0xB0: ProblemCode.CARD_REMOVED_EARLY,  # CKR_SESSION_CLOSED
    0x82: ProblemCode.CARD_REMOVED_EARLY,  # CKR_OBJECT_HANDLE_INVALID
    0xE1: ProblemCode.NOT_AN_EID,  # CKR_TOKEN_NOT_RECOGNIZED
    0x03: ProblemCode.READER_LOST,  # CKR_SLOT_ID_INVALID
    CKR_DEVICE_ERROR: ProblemCode.CARD_UNREADABLE,
    CKR_FUNCTION_FAILED: ProblemCode.CARD_UNREADABLE,
    CKR_GENERAL_ERROR: ProblemCode.CARD_UNREADABLE,
    CKR_HOST_MEMORY: ProblemCode.CARD_UNREADABLE,
    CKR_MADE_UP: ProblemCode.CARD_UNREADABLE,
}


class Terminal:
    """Readers with cards in them, and what reads one of them."""

    def __init__(self, cards: Cards, box: CardBox, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cards = cards
        self.box = box
        self.monkeypatch = monkeypatch

    def card(self, applet: Applet = V1_8, *faults: str, of: str = PERSON) -> SimulatedCard:
        """Return a card, the same one in every test: what it takes as a token is made once."""
        return issued(self.cards, applet, faults, of)

    def insert(self, card: SimulatedCard, reader: str = READER, *, challenge: bool = True) -> None:
        """Put a card in, and have the environment that the module needs."""
        self.box.insert(card.image, reader, offers_challenge=challenge)
        for name, value in self.box.environment.items():
            self.monkeypatch.setenv(name, value)

    def fail(self, fault: str) -> None:
        """Let the module fail: ``CALL:N:WHAT``."""
        self.monkeypatch.setenv("MIDDLEWARE_FAULT", fault)

    def read(self, reader: SlotName = READER, policy: CardPolicy | None = None) -> Reading:
        """Read by what has seen nothing before."""
        middleware = Middleware(str(self.box.module))
        return self.eid(middleware, policy).read(middleware.slot(reader))

    def eid(self, middleware: Middleware, policy: CardPolicy | None = None) -> EidReader:
        trust = self.cards.trust()
        cache = CertificateCache(trust, None)
        return EidReader(trust, cache, policy or CardPolicy(), lambda: NOW, middleware.files)

    def code(self, reader: SlotName = READER, policy: CardPolicy | None = None) -> ProblemCode:
        """Read, and return what is refused."""
        with pytest.raises(KioskError) as caught:
            self.read(reader, policy)
        return caught.value.problem.code


@functools.cache
def issued(cards: Cards, applet: Applet, faults: tuple[str, ...], of: str) -> SimulatedCard:
    return cards.card(applet, *faults, persona=person(of))


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shim(tmp_path_factory.mktemp("middleware"))


@pytest.fixture(autouse=True)
def pcsc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two readers, unless a test has others."""
    for user in ("pkcs11", "slot_descriptions"):
        names = f"kiosk.cardreader.{user}.reader_names"
        monkeypatch.setattr(names, lambda: [READER, OTHER_READER])
    monkeypatch.setattr("kiosk.cardreader.pkcs11.holds_card", lambda _: True)


@pytest.fixture
def terminal(
    cards: Cards, tmp_path: Path, module: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    yield Terminal(cards, CardBox(tmp_path / "box", module), monkeypatch)
    pkcs11.unload(str(module))


def number(reading: Reading) -> str:
    return reading.identity.national_number.disclose(Purpose.ELIGIBILITY_QUESTION)


# The same cards, the same proof


@pytest.mark.parametrize(("applet", "faults"), GENERATIONS, ids=str)
def test_every_generation_is_read_and_proven(
    terminal: Terminal, applet: Applet, faults: list[str]
) -> None:
    card = terminal.card(applet, *faults)
    terminal.insert(card)
    reading = terminal.read()
    proven = reading.identity
    assert number(reading) == card.persona.number
    assert proven.given_name == card.persona.given_names
    assert proven.proof is (Proof.CHIP if applet is V1_8 else Proof.SIGNATURE)
    assert proven.legacy is (applet.version < "1.7")
    assert reading.report.applet == applet.version
    assert reading.report.apdus == 0
    assert reading.report.bytes > 1000


@pytest.mark.parametrize(("applet", "faults"), GENERATIONS, ids=str)
def test_address_and_photo_are_not_asked_for_and_nobody_logs_in(
    terminal: Terminal, applet: Applet, faults: list[str]
) -> None:
    terminal.insert(terminal.card(applet, *faults))
    terminal.read()
    searched = terminal.box.searched
    assert len(set(searched)) == len(searched)
    assert set(searched) <= {*DATA.values(), "Root", "Card"} - set(FORBIDDEN)
    assert not any(line.startswith("C_FindObjectsInit any") for line in terminal.box.calls)
    assert "C_Login" not in terminal.box.calls


@pytest.mark.parametrize(
    ("applet", "fault"), sampled(product((V1_7, V1_8), SAME_FAULTS), 16), ids=str
)
def test_each_fault_has_the_problem_that_it_has_over_commands(
    terminal: Terminal, applet: Applet, fault: str
) -> None:
    terminal.insert(terminal.card(applet, fault))
    assert terminal.code() is SAME_FAULTS[fault]


@pytest.mark.parametrize("fault", ["extend:503C:500", "long-names", "other-chip-number"])
def test_what_differs_among_genuine_cards_is_no_fault(terminal: Terminal, fault: str) -> None:
    terminal.insert(terminal.card(V1_8, fault))
    assert terminal.read().identity.proof is Proof.CHIP


def test_two_objects_of_one_name_are_none(terminal: Terminal) -> None:
    terminal.insert(terminal.card())
    library = pkcs11.lib(str(terminal.box.module))
    token = next(s for s in library.get_slots() if s.slot_description == READER).get_token()
    with token.open(rw=True) as session:
        label = {pkcs11.Attribute.LABEL: "DATA_FILE"}
        (first,) = session.get_objects(label)
        first.copy(label)
    assert terminal.code() is ProblemCode.CARD_UNREADABLE


def test_certificates_seen_before_are_not_asked_for_again(terminal: Terminal) -> None:
    terminal.insert(terminal.card())
    middleware = Middleware(str(terminal.box.module))
    eid = terminal.eid(middleware)
    eid.read(middleware.slot(READER))
    before = len(terminal.box.searched)
    eid.read(middleware.slot(READER))
    again = terminal.box.searched[before:]
    assert again == ["DATA_FILE", "SIGN_DATA_FILE", "BASIC_KEY_FILE", "Card"]


# The chip


COPIES = [
    "chip-copied",
    "chip-own-key",
    "missing:4040",
    "zeros:4040",
    "truncate:4040:119",
    "flip:4040:60",
]
MISBEHAVING = [
    f"C_SignInit:1:{CKR_DEVICE_ERROR}",
    f"C_Sign:1:{CKR_DEVICE_ERROR}",
    f"C_Sign:2:{CKR_FUNCTION_FAILED}",
    "C_Sign:1:repeats",
    "C_Sign:1:zeroes",
    "C_Sign:1:cut",
]


@pytest.mark.parametrize("fault", COPIES)
def test_a_copied_chip_is_never_accepted(terminal: Terminal, fault: str) -> None:
    terminal.insert(terminal.card(V1_8, fault))
    assert terminal.code() is ProblemCode.CHIP_COPIED


@pytest.mark.parametrize("fault", MISBEHAVING)
def test_a_chip_that_refuses_or_answers_wrongly_is_never_accepted(
    terminal: Terminal, fault: str
) -> None:
    terminal.insert(terminal.card(V1_8))
    terminal.fail(fault)
    assert terminal.code() is ProblemCode.CHIP_COPIED


@pytest.mark.parametrize("faults", [[], ["missing:4040"]], ids=str)
def test_without_a_way_to_ask_the_chip_nothing_is_proven_and_nobody_accused(
    terminal: Terminal, faults: list[str]
) -> None:
    terminal.insert(terminal.card(V1_8, *faults), challenge=False)
    assert terminal.code() is ProblemCode.CHIP_PROOF_MISSING


NOT_OFFERED = {
    0x70: "CKR_MECHANISM_INVALID",
    0x54: "CKR_FUNCTION_NOT_SUPPORTED",
    0x50: "CKR_FUNCTION_CANCELED",
    0x63: "CKR_KEY_TYPE_INCONSISTENT",
    0x101: "CKR_USER_NOT_LOGGED_IN",
}


@pytest.mark.parametrize("code", NOT_OFFERED, ids=NOT_OFFERED.get)
def test_a_module_that_does_not_let_the_chip_sign_proves_nothing(
    terminal: Terminal, code: int
) -> None:
    terminal.insert(terminal.card(V1_8))
    terminal.fail(f"C_SignInit:1:{code}")
    assert terminal.code() is ProblemCode.CHIP_PROOF_MISSING


def test_a_key_that_cannot_sign_proves_nothing(terminal: Terminal) -> None:
    terminal.insert(terminal.card(V1_8), challenge=False)
    library = pkcs11.lib(str(terminal.box.module))
    token = next(s for s in library.get_slots() if s.slot_description == READER).get_token()
    with token.open(rw=True) as session:
        _, key = session.generate_keypair(  # of another kind
            pkcs11.KeyType.RSA,
            1024,
            store=True,
            private_template={
                pkcs11.Attribute.LABEL: "Card",
                pkcs11.Attribute.PRIVATE: False,
                pkcs11.Attribute.SIGN: False,
            },
        )
        assert not isinstance(key, pkcs11.SignMixin)
    assert terminal.code() is ProblemCode.CHIP_PROOF_MISSING


def test_policy_may_leave_the_challenge_out(terminal: Terminal) -> None:
    terminal.insert(terminal.card(V1_8), challenge=False)
    reading = terminal.read(policy=CardPolicy(chip_proof=ChipProof.OFF))
    assert reading.identity.proof is Proof.SIGNATURE
    assert "BASIC_KEY_FILE" not in terminal.box.searched


def test_policy_may_demand_the_challenge(terminal: Terminal) -> None:
    terminal.insert(terminal.card(V1_7))
    required = CardPolicy(chip_proof=ChipProof.REQUIRED)
    assert terminal.code(policy=required) is ProblemCode.CHIP_PROOF_MISSING


# What goes wrong around the card


CALLS = ["C_GetSlotList", "C_GetSlotInfo", "C_GetTokenInfo", "C_OpenSession", "C_FindObjectsInit"]


@pytest.mark.parametrize(("call", "error"), sampled(product(CALLS, ERRORS), 16))
def test_each_error_of_the_module_has_its_problem(
    terminal: Terminal, call: str, error: int
) -> None:
    terminal.insert(terminal.card())
    terminal.fail(f"{call}:1:{error}")
    assert terminal.code() is ERRORS[error]


@pytest.mark.parametrize("error", [0x32, CKR_DEVICE_ERROR], ids=hex)
def test_a_card_that_goes_at_any_search_and_the_next_visit_works(
    terminal: Terminal, error: int
) -> None:
    terminal.insert(terminal.card())
    terminal.read()
    searches = len(terminal.box.searched)
    terminal.monkeypatch.setattr("kiosk.cardreader.pkcs11.holds_card", lambda _: False)
    for search in range(1, searches + 1):
        pkcs11.unload(str(terminal.box.module))
        terminal.fail(f"C_FindObjectsInit:{search}:{error}")
        assert terminal.code() is ProblemCode.CARD_REMOVED_EARLY
    pkcs11.unload(str(terminal.box.module))
    terminal.fail("")
    assert terminal.read().identity.given_name


AROUND = {
    "reader gone": ProblemCode.READER_LOST,
    "card gone": ProblemCode.CARD_REMOVED_EARLY,
    "service gone": ProblemCode.PCSC_DOWN,
}


@pytest.mark.parametrize("what", AROUND)
@pytest.mark.parametrize("call", ["C_GetSlotList", "C_FindObjectsInit", "C_SignInit", "C_Sign"])
def test_pcsc_tells_what_the_module_does_not_tell_apart(
    terminal: Terminal, call: str, what: str
) -> None:
    """Nobody is accused of a copied chip because of a loose plug."""

    def names() -> Sequence[str]:
        if what == "service gone":
            raise KioskError(ProblemCode.PCSC_DOWN)
        return [] if what == "reader gone" else [READER]

    terminal.insert(terminal.card())
    terminal.fail(f"{call}:1:{CKR_DEVICE_ERROR}")
    terminal.monkeypatch.setattr("kiosk.cardreader.pkcs11.reader_names", names)
    gone = what != "card gone"
    terminal.monkeypatch.setattr("kiosk.cardreader.pkcs11.holds_card", lambda _: gone)
    assert terminal.code() is AROUND[what]


@pytest.mark.parametrize("call", ["C_SignInit:1", "C_Sign:1", "C_Sign:2"])
@pytest.mark.parametrize("error", [0xE0, 0x32, 0xB3], ids=hex)
def test_a_card_that_goes_during_the_challenge_is_not_called_a_copy(
    terminal: Terminal, call: str, error: int
) -> None:
    terminal.insert(terminal.card())
    terminal.fail(f"{call}:{error}")
    assert terminal.code() is ProblemCode.CARD_REMOVED_EARLY


@pytest.mark.parametrize("applet", [V1_7, V1_8], ids=str)
def test_a_card_that_was_swapped_is_noticed_at_the_end(terminal: Terminal, applet: Applet) -> None:
    terminal.insert(terminal.card(applet))
    terminal.read()
    looks = terminal.box.calls.count("C_GetTokenInfo")
    pkcs11.unload(str(terminal.box.module))
    terminal.fail(f"C_GetTokenInfo:{looks}:other-serial")
    assert terminal.code() is ProblemCode.CARD_REMOVED_EARLY


def test_a_card_that_was_swapped_before_it_refused_is_not_called_a_copy(
    terminal: Terminal,
) -> None:
    terminal.insert(terminal.card())
    terminal.read()
    looks = terminal.box.calls.count("C_GetTokenInfo")
    pkcs11.unload(str(terminal.box.module))
    refusal = f"C_SignInit:1:{CKR_DEVICE_ERROR}"
    terminal.fail(f"{refusal} C_GetTokenInfo:{looks}:other-serial")
    assert terminal.code() is ProblemCode.CARD_REMOVED_EARLY


def test_the_limits_of_a_visit_hold_for_the_module_too(terminal: Terminal) -> None:
    terminal.insert(terminal.card())
    opened: list[bool] = []
    expired: list[ProblemCode] = []
    middleware = Middleware(str(terminal.box.module))
    watched = WatchedSlot(
        middleware.slot(READER), Watchdog(expired.append), lambda: opened.append(True)
    )
    assert terminal.eid(middleware).read(watched).identity.proof is Proof.CHIP
    assert opened == [True]
    assert expired == []


def test_the_module_keeps_the_card_to_itself(terminal: Terminal) -> None:
    terminal.insert(terminal.card())
    with Middleware(str(terminal.box.module)).slot(READER).open() as card:
        assert card.atr == b""
        with pytest.raises(CardError):
            card.transmit(b"\x00\xa4\x04\x00")


# Never another reader's card


def test_of_two_readers_each_gives_its_own_card(terminal: Terminal) -> None:
    first = terminal.card(V1_8)
    second = terminal.card(V1_7, of="rosa-korenbloem")
    terminal.insert(first, READER)
    terminal.insert(second, OTHER_READER)
    assert number(terminal.read(READER)) == first.persona.number
    assert number(terminal.read(OTHER_READER)) == second.persona.number


def test_a_card_in_another_reader_is_left_alone(terminal: Terminal) -> None:
    terminal.insert(terminal.card(), OTHER_READER)
    assert terminal.code(READER) is ProblemCode.READER_LOST
    assert terminal.box.searched == []


def _slot(reader: str) -> SimpleNamespace:
    """A slot as the middleware's module describes it: 64 bytes at most."""
    cut = reader.encode()[:64].decode(errors="replace").rstrip()
    token = SimpleNamespace(reader=reader)
    return SimpleNamespace(
        slot_description=cut, flags=SlotFlag.HW_SLOT, get_token=lambda: token, reader=reader
    )


@contextmanager
def readers(in_module: Sequence[str], in_pcsc: Sequence[str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        library = SimpleNamespace(get_slots=lambda: [_slot(reader) for reader in in_module])
        patch.setattr(pkcs11, "lib", lambda _: library)
        patch.setattr("kiosk.cardreader.slot_descriptions.reader_names", lambda: in_pcsc)
        yield


_LONG = "Generic Smart Card Reader Interface [Smart Card Reader Interface] (2007081800000) 0"


def find(reader: str) -> str:
    token: object = Middleware("module").find(SlotName(reader))
    assert isinstance(token, SimpleNamespace)
    return str(token.reader)


def test_a_name_that_is_cut_is_found_if_it_can_be_no_other() -> None:
    with readers([_LONG + "0", "Other"], [_LONG + "0", "Other"]):
        assert find(_LONG + "0") == _LONG + "0"


@pytest.mark.parametrize(
    ("in_module", "in_pcsc", "code"),
    [
        ([_LONG + "0", _LONG + "1"], [_LONG + "0", _LONG + "1"], ProblemCode.CONFIGURATION_WRONG),
        ([_LONG + "1"], [_LONG + "0", _LONG + "1"], ProblemCode.CONFIGURATION_WRONG),
        ([_LONG + "1"], [_LONG + "1"], ProblemCode.READER_LOST),
        (["Other"], [_LONG + "0", "Other"], ProblemCode.READER_LOST),
    ],
)
def test_a_name_that_is_cut_and_may_be_anothers_is_refused(
    in_module: list[str], in_pcsc: list[str], code: ProblemCode
) -> None:
    with readers(in_module, in_pcsc), pytest.raises(KioskError) as caught:
        find(_LONG + "0")
    assert caught.value.problem.code is code


_NAMES = st.one_of(
    st.text(min_size=1, max_size=80),
    st.builds(lambda beginning, end: beginning + end, st.just("é" * 31), st.text(max_size=4)),
)


@given(in_pcsc=st.lists(_NAMES, max_size=5, unique=True), data=st.data())
def test_the_card_of_another_reader_is_never_found(in_pcsc: list[str], data: st.DataObject) -> None:
    """Whatever the readers are called, and whichever of them the module knows."""
    known = st.lists(st.sampled_from(in_pcsc), unique=True) if in_pcsc else st.just([])
    in_module = data.draw(known)
    wanted = data.draw(st.sampled_from(in_pcsc) | _NAMES if in_pcsc else _NAMES)
    with readers(in_module, in_pcsc), contextlib.suppress(KioskError):
        assert find(wanted) == wanted


@given(in_pcsc=st.lists(st.text(min_size=1, max_size=20).map(str.strip), min_size=1, unique=True))
def test_the_card_of_the_right_reader_is_found(in_pcsc: list[str]) -> None:
    with readers(in_pcsc, in_pcsc):
        for name in in_pcsc:
            assert find(name) == name


# Software tokens


def soft(*, present: bool = True, initialised: bool = True, hardware: bool = False) -> object:
    flags = SlotFlag(0)
    flags |= SlotFlag.TOKEN_PRESENT if present else SlotFlag(0)
    flags |= SlotFlag.HW_SLOT if hardware else SlotFlag(0)
    state = TokenFlag.TOKEN_INITIALIZED if initialised else TokenFlag(0)
    token = SimpleNamespace(flags=state, reader="software")
    return SimpleNamespace(slot_description="7", flags=flags, get_token=lambda: token)


@pytest.mark.parametrize(
    ("slots", "code"),
    [
        ([soft(), soft(initialised=False), soft(present=False)], None),
        ([soft(), soft()], ProblemCode.CONFIGURATION_WRONG),
        ([soft(hardware=True)], ProblemCode.READER_LOST),
        ([soft(initialised=False)], ProblemCode.READER_LOST),
        ([], ProblemCode.READER_LOST),
    ],
)
def test_the_only_software_token_stands_for_the_card_where_that_is_allowed(
    slots: list[object], code: ProblemCode | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pkcs11, "lib", lambda _: SimpleNamespace(get_slots=lambda: slots))
    found: list[object] = []
    with contextlib.suppress(KioskError):
        found.append(Middleware("module", software_tokens=True).find(READER))
    with pytest.raises(KioskError) as caught:
        Middleware("module").find(READER)
    assert caught.value.problem.code is ProblemCode.READER_LOST
    assert bool(found) is (code is None)
    if code:
        with pytest.raises(KioskError) as caught:
            Middleware("module", software_tokens=True).find(READER)
        assert caught.value.problem.code is code


# The module itself


def test_what_is_no_module_is_a_wrong_configuration(tmp_path: Path) -> None:
    text = tmp_path / "text.so"
    text.write_text("no library")
    c_library = ctypes.util.find_library("c")
    for path in (tmp_path / "none.so", text, tmp_path, c_library):
        with pytest.raises(KioskError) as caught:
            Middleware(str(path)).find(READER)
        assert caught.value.problem.code is ProblemCode.CONFIGURATION_WRONG


@pytest.mark.parametrize(
    ("behind", "fault"),
    [("/nowhere.so", ""), (str(SOFTHSM), f"C_Initialize:1:{CKR_GENERAL_ERROR}")],
)
def test_a_module_that_does_not_start_is_a_wrong_configuration(
    terminal: Terminal, behind: str, fault: str
) -> None:
    terminal.insert(terminal.card())
    pkcs11.unload(str(terminal.box.module))
    terminal.monkeypatch.setenv("MIDDLEWARE_BEHIND", behind)
    terminal.fail(fault)
    assert terminal.code() is ProblemCode.CONFIGURATION_WRONG


def test_every_exception_of_the_library_has_a_problem() -> None:
    of_library = [kind for _, kind in inspect.getmembers(pkcs11.exceptions, inspect.isclass)]
    assert len(of_library) > 70
    for kind in of_library:
        assert issubclass(kind, pkcs11.PKCS11Error)
        assert problem_of(kind()) in {*ERRORS.values()}
