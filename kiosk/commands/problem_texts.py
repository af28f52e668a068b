"""What a command line says about a problem. The window has its own, in every language."""

from __future__ import annotations

from typing import NamedTuple

from kiosk.domain.problem import ProblemCode


class ProblemText(NamedTuple):
    """What happened, and what to do about it."""

    title: str
    remedy: str


_AGAIN = "Take the card out and put it in again."
_PROOF = "Do not accept this card as proof; continue with another proof of identity."

TEXTS: dict[ProblemCode, ProblemText] = {
    ProblemCode.PCSC_DOWN: ProblemText(
        "The smart card service is not running",
        "Start it: on Linux `systemctl enable --now pcscd.socket`, on Windows the service"
        " Smart Card.",
    ),
    ProblemCode.PCSC_REFUSED: ProblemText(
        "This user may not use the smart card service",
        "Give the user access: on Linux a polkit rule for org.debian.pcsc-lite.access_pcsc.",
    ),
    ProblemCode.NO_READER: ProblemText(
        "No card reader found",
        "Connect a reader, or try another USB port; check `card.readers` in the configuration.",
    ),
    ProblemCode.READER_LOST: ProblemText(
        "The card reader was unplugged", "Connect the reader again."
    ),
    ProblemCode.NO_CARD_IN_TIME: ProblemText("No card was put in", "Put the card in the reader."),
    ProblemCode.CARD_REMOVED_EARLY: ProblemText(
        "The card was taken out too early", "Put the card in again and leave it in."
    ),
    ProblemCode.CARD_UNREADABLE: ProblemText(
        "The card could not be read",
        f"{_AGAIN} If it stays so, clean the chip or try another reader.",
    ),
    ProblemCode.NOT_AN_EID: ProblemText(
        "This is not a Belgian eID card", "Use a Belgian identity card."
    ),
    ProblemCode.CARD_EXPIRED: ProblemText(
        "The card has expired", "Check the person by eye and enter the number by hand."
    ),
    ProblemCode.NOT_A_PERSONS_CARD: ProblemText(
        "This card does not belong to a person", "Use the identity card of a person."
    ),
    ProblemCode.CARD_MUTE: ProblemText(
        "The card does not answer",
        "Turn the card: the chip goes in first (on cards from 2020 it is on the back).",
    ),
    ProblemCode.CARD_SILENT: ProblemText("The card stopped answering", _AGAIN),
    ProblemCode.CARD_HELD: ProblemText(
        "Another program is using the card, or it is stuck",
        "Take the card out, close the other program, and put the card in again.",
    ),
    ProblemCode.CARD_NOT_ACTIVATED: ProblemText(
        "The card has not been activated", "The municipality activates it."
    ),
    ProblemCode.CARD_NOT_YET_VALID: ProblemText(
        "The card is not valid yet", "Check the date on the card and the clock of this machine."
    ),
    ProblemCode.NUMBER_INVALID: ProblemText(
        "The number is not a national number", "Check the number, or ask the municipality."
    ),
    ProblemCode.SIGNATURE_WRONG: ProblemText("The data on the card are not genuine", _PROOF),
    ProblemCode.ROOT_UNKNOWN: ProblemText(
        "The card cannot be verified: its authority is not known here",
        "The card may well be genuine: update the trust list of this program.",
    ),
    ProblemCode.CHIP_COPIED: ProblemText(
        "The chip could not prove that it is the original", _PROOF
    ),
    ProblemCode.CERTIFICATE_WRONG: ProblemText(
        "The certificate of the National Register on the card is not valid", _PROOF
    ),
    ProblemCode.CHIP_PROOF_MISSING: ProblemText(
        "The chip's own proof is demanded here, and cannot be given",
        "Use a newer card, or another proof of identity. With the middleware: update it, "
        'or set card.backend = "pcsc".',
    ),
    ProblemCode.LEGACY_REFUSED: ProblemText(
        "The card is signed in an old way that is not accepted here",
        "Use another proof of identity.",
    ),
    ProblemCode.SERVICE_UNREACHABLE: ProblemText(
        "The central service cannot be reached", "Check the network and try again."
    ),
    ProblemCode.SERVICE_TOO_SLOW: ProblemText(
        "The central service did not answer in time", "Try again in a moment."
    ),
    ProblemCode.SERVICE_REFUSED_US: ProblemText(
        "The central service does not accept this terminal",
        "Check the registration of this terminal and `service.client` in the configuration.",
    ),
    ProblemCode.SERVICE_UNINTELLIGIBLE: ProblemText(
        "The answer of the central service was not understood",
        "Check `service.url`; a proxy or log-in page may be answering in its place.",
    ),
    ProblemCode.SERVICE_BUSY: ProblemText(
        "The central service has too many questions", "Try again in a minute."
    ),
    ProblemCode.SERVICE_FAILING: ProblemText(
        "The central service has a fault of its own", "Try again; warn support if it stays so."
    ),
    ProblemCode.SERVICE_UNTRUSTED: ProblemText(
        "The connection to the central service is not trusted",
        "Check the certificate of the service, `service.ca_file` and the clock of this machine.",
    ),
    ProblemCode.QUESTION_REFUSED: ProblemText(
        "The central service refused the question",
        "Check `service.use_cases` and `service.purpose`, and the version of this program.",
    ),
    ProblemCode.CONFIGURATION_WRONG: ProblemText(
        "The configuration is not right", "Run `kiosk config check`: it names every mistake."
    ),
    ProblemCode.KEY_UNUSABLE: ProblemText(
        "The key of this terminal cannot be used",
        "Check `service.client.key`: an RSA or P-256 key in PEM, readable by this user, or the"
        " name of one in a token that may sign.",
    ),
    ProblemCode.TOKEN_MODULE_UNUSABLE: ProblemText(
        "The module of the token cannot be used",
        "Install the PKCS#11 module of the token's maker, and check `module-path` in"
        " `service.client.key`.",
    ),
    ProblemCode.TOKEN_AWAY: ProblemText(
        "The token with the key of this terminal does not answer",
        "Connect the token, and check its name in `service.client.key`.",
    ),
    ProblemCode.PIN_REFUSED: ProblemText(
        "The token does not take the PIN",
        "Correct the PIN in the file that `pin-source` names, then run `kiosk doctor`. A token"
        " that is locked is opened with its maker's tool.",
    ),
    ProblemCode.KEY_AMBIGUOUS: ProblemText(
        "More than one key has the name in the settings",
        "Add `serial` or `id` to `service.client.key`, so that it names one key in one token.",
    ),
    ProblemCode.INTERNAL: ProblemText(
        "Something went wrong inside this program", "Try again; warn support if it stays so."
    ),
    ProblemCode.AGENT_LOST: ProblemText("The visit was interrupted", _AGAIN),
}
