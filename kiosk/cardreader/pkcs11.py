"""The second way to a card: files through the module of the official eID middleware.

For desks where the middleware holds the reader all day. It looks for five files
and the chip's key by their labels, logs in nowhere and so asks for no PIN. What
the module reads besides, address and photo among it, is told in docs/middleware.md.

Labels and the challenge: the middleware's public SDK (``beidsdk_card_data``,
``challenge.c``). Errors: PKCS#11 2.40, section 5.1.
"""

from __future__ import annotations

import builtins
import contextlib
from collections.abc import Iterator, Sequence
from typing import Final, final

import pkcs11
from pkcs11 import Attribute, Mechanism, ObjectClass, PKCS11Error, SlotFlag, TokenFlag

from kiosk.cardreader.card_files import CardFiles
from kiosk.cardreader.files import CardFile
from kiosk.cardreader.pcsc import holds_card, reader_names
from kiosk.cardreader.slot_descriptions import description_of
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import Card, CardError, CardSlot, Response
from kiosk.report import failures_told_once

_RAW_SIGNATURE_LENGTH: Final = 96
_WHERE: Final = {
    CardFile.IDENTITY: (ObjectClass.DATA, "DATA_FILE"),
    CardFile.IDENTITY_SIGNATURE: (ObjectClass.DATA, "SIGN_DATA_FILE"),
    CardFile.RRN_CERTIFICATE: (ObjectClass.DATA, "CERT_RN_FILE"),
    CardFile.ROOT_CERTIFICATE: (ObjectClass.CERTIFICATE, "Root"),
    CardFile.BASIC_KEY: (ObjectClass.DATA, "BASIC_KEY_FILE"),
}
_UNKNOWN: Final = "unknown"
_CHIPS_KEY: Final = (ObjectClass.PRIVATE_KEY, "Card")

_CARD_GONE: Final = (
    pkcs11.TokenNotPresent,
    pkcs11.DeviceRemoved,
    pkcs11.SessionHandleInvalid,
    pkcs11.SessionClosed,
    pkcs11.ObjectHandleInvalid,
)
"""A session and its objects last as long as their card is in (PKCS#11, 5.6)."""
_CODE: Final[dict[type[PKCS11Error], ProblemCode]] = {
    **dict.fromkeys(_CARD_GONE, ProblemCode.CARD_REMOVED_EARLY),
    pkcs11.SlotIDInvalid: ProblemCode.READER_LOST,
    pkcs11.TokenNotRecognised: ProblemCode.NOT_AN_EID,
}
_NOT_OFFERED: Final = (
    pkcs11.MechanismInvalid,
    pkcs11.FunctionNotSupported,
    pkcs11.FunctionCancelled,
    pkcs11.KeyTypeInconsistent,
    pkcs11.UserNotLoggedIn,
)
"""The module does not let the chip sign, or only after a PIN: the chip was not asked."""
_CHIP_REFUSES: Final = (
    *(pkcs11.DeviceError, pkcs11.FunctionFailed, pkcs11.DataInvalid, pkcs11.DataLenRange),
)
"""What a module makes of a chip that answers, and does not sign."""


def problem_of(error: PKCS11Error) -> ProblemCode:
    """Return the problem behind an error of the module; ``CARD_UNREADABLE`` for the rest."""
    return _CODE.get(type(error), ProblemCode.CARD_UNREADABLE)


@final
class Middleware:
    """A PKCS#11 module, and the cards in the readers it knows.

    ``software_tokens``: a token in a slot that says itself to be no hardware may
    stand for the card, as long as it is the only one; for test environments, like
    a simulated card.
    """

    def __init__(self, module: str, *, software_tokens: bool = False) -> None:
        self._module = module
        self._software_tokens = software_tokens

    def slot(self, name: SlotName) -> CardSlot:
        """Return the reader that PC/SC gives this name."""
        return _MiddlewareSlot(self, name)

    @contextlib.contextmanager
    def files(self, slot: CardSlot) -> Iterator[CardFiles]:
        """Read the card in a slot made by :meth:`slot`, in one session.

        Raises ``CardError``, ``CARD_REMOVED_EARLY`` also at the end, when the card
        is not the one any more that was read.
        """
        with slot.open(), _told(slot.name):
            files = MiddlewareFiles(self.find(slot.name), slot.name)
            try:
                yield files
                files.check_same_card()
            finally:
                files.close()

    def find(self, name: SlotName) -> pkcs11.Token:
        """Return the card in the reader of this name, and never that of another one.

        Raises ``CONFIGURATION_WRONG`` when the module cannot be used, ``READER_LOST``
        when it does not know the reader, and ``PKCS11Error``.
        """
        described = description_of(name)
        slots = self._slots()
        found = [slot for slot in slots if slot.slot_description == described]
        if not found and self._software_tokens:
            found = [slot for slot in slots if _is_software_token(slot)]
        if not found:
            raise CardError(ProblemCode.READER_LOST)
        if len(found) > 1:
            raise CardError(ProblemCode.CONFIGURATION_WRONG)
        return found[0].get_token()

    def _slots(self) -> Sequence[pkcs11.Slot]:
        """Load the module, once a process; one that crashes ends this process (K902)."""
        try:
            module = pkcs11.lib(self._module)
        except RuntimeError:  # PKCS11Error is one
            raise CardError(ProblemCode.CONFIGURATION_WRONG) from None
        return module.get_slots()


@final
class MiddlewareFiles:
    """The files of one card, in one session that nobody logged in to."""

    def __init__(self, token: pkcs11.Token, name: SlotName) -> None:
        """Open the session; raise ``PKCS11Error``."""
        self._token = token
        self._name = name
        self._session = token.open()
        self.version = _applet_version(token.firmware_version[0])
        self.commands = 0
        self.bytes = 0

    def read(self, file: CardFile) -> builtins.bytes:
        """Return a file's content.

        Raises ``CARD_UNREADABLE`` unless there is exactly one, with its end.
        """
        with _told(self._name):
            values = [found[Attribute.VALUE] for found in self._find(_WHERE[file])]
        if file is CardFile.BASIC_KEY and not values:
            self._chips_key()  # a module that knows neither is too old to ask
        if len(values) != 1:
            raise CardError(ProblemCode.CARD_UNREADABLE)
        data = bytes(values[0][: file.value.limit])
        self.bytes += len(values[0])
        data = data[: file.expected_length(data)]
        if not file.is_whole(data):
            raise CardError(ProblemCode.CARD_UNREADABLE)
        return data

    def challenge(self, digest: builtins.bytes) -> builtins.bytes | None:
        """Let the chip's key sign 48 bytes as they are; ``None`` when the card refuses.

        Raises ``CHIP_PROOF_MISSING`` when the module offers no challenge.
        """
        key = self._chips_key()
        try:
            answer = key.sign(digest, mechanism=Mechanism.ECDSA)
        except _NOT_OFFERED:
            raise CardError(ProblemCode.CHIP_PROOF_MISSING) from None
        except PKCS11Error as error:
            code = _code(error, self._name)
            if code is not ProblemCode.CARD_UNREADABLE:
                raise CardError(code) from None
            self.check_same_card()
            if not isinstance(error, _CHIP_REFUSES):
                raise CardError(ProblemCode.CARD_SILENT) from None
            return None
        self.bytes += len(answer)
        return answer if len(answer) == _RAW_SIGNATURE_LENGTH else None

    def check_same_card(self) -> None:
        """Raise ``CARD_REMOVED_EARLY`` when another card is in, or none."""
        with _told(self._name):
            now = self._token.slot.get_token()
        if now.serial != self._token.serial:
            raise CardError(ProblemCode.CARD_REMOVED_EARLY)

    def close(self) -> None:
        """Close the session; one whose card is gone is closed."""
        with contextlib.suppress(PKCS11Error):
            self._session.close()

    def _chips_key(self) -> pkcs11.SignMixin:
        with _told(self._name):
            keys = self._find(_CHIPS_KEY)
        if len(keys) == 1 and isinstance(keys[0], pkcs11.SignMixin):
            return keys[0]
        raise CardError(ProblemCode.CHIP_PROOF_MISSING)

    def _find(self, where: tuple[ObjectClass, str]) -> list[pkcs11.Object]:
        """Look by label and class: without a label the official module reads every file."""
        kind, label = where
        with failures_told_once:
            return list(self._session.get_objects({Attribute.CLASS: kind, Attribute.LABEL: label}))


@final
class _MiddlewareSlot:
    """A reader that the module works with; nothing of it is held in between."""

    def __init__(self, middleware: Middleware, name: SlotName) -> None:
        self._middleware = middleware
        self._name = name

    @property
    def name(self) -> SlotName:
        """The name PC/SC gives the slot."""
        return self._name

    @contextlib.contextmanager
    def open(self) -> Iterator[Card]:
        """Wait until the module has the card, whoever else works with it."""
        with _told(self._name):
            self._middleware.find(self._name)
        yield _NoCommands()


@final
class _NoCommands:
    """A card that the module keeps to itself: it takes no commands from here."""

    @property
    def atr(self) -> bytes:
        """Nothing: the module does not tell."""
        return b""

    def transmit(self, command: bytes) -> Response:  # noqa: ARG002 - the port has it
        """Raise ``CARD_UNREADABLE``."""
        raise CardError(ProblemCode.CARD_UNREADABLE)


def _is_software_token(slot: pkcs11.Slot) -> bool:
    if SlotFlag.HW_SLOT in slot.flags or SlotFlag.TOKEN_PRESENT not in slot.flags:
        return False
    return TokenFlag.TOKEN_INITIALIZED in slot.get_token().flags


def _applet_version(major: int) -> str:
    """The official module gives the applet's version as that of the token's firmware."""
    high, low = divmod(major, 16)
    return f"{high}.{low}" if high == 1 else _UNKNOWN


@contextlib.contextmanager
def _told(name: SlotName) -> Iterator[None]:
    """Tell errors of the module as problems."""
    try:
        yield
    except PKCS11Error as error:
        raise CardError(_code(error, name)) from None


def _code(error: PKCS11Error, name: SlotName) -> ProblemCode:
    """Ask PC/SC what the module does not tell apart.

    The official one has ``CKR_DEVICE_ERROR`` for a card that refuses, a reader that
    was unplugged and a service that is down.
    """
    code = problem_of(error)
    if code is not ProblemCode.CARD_UNREADABLE:
        return code
    try:
        if name not in reader_names():
            return ProblemCode.READER_LOST
        return code if holds_card(name) else ProblemCode.CARD_REMOVED_EARLY
    except KioskError as cause:
        return cause.problem.code
