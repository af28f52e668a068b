"""Names of keys in tokens: PKCS#11 URIs.

A mistake is told by the name of its attribute and never by a value: one of them is a PIN.
Source: RFC 7512; an attribute of the path that nobody knows matches nothing (2.3) and is told as a
mistake, one of the query is passed over.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, unquote_to_bytes

SCHEME: Final = "pkcs11:"
_ATTRIBUTE: Final = r"([A-Za-z0-9_-]+)=((?:[A-Za-z0-9._~:\[\]@!$'()*+,=%s-]|%%[0-9A-Fa-f]{2})*)"
_PATH: Final = re.compile(_ATTRIBUTE % "&")
_QUERY: Final = re.compile(_ATTRIBUTE % "/?|")
_OF_TOKEN: Final[Sequence[str]] = ("token", "manufacturer", "serial", "model")
_OF_OBJECT: Final = ("object", "id", "type")
_NOT_USED: Final = (
    *("library-description", "library-manufacturer", "library-version"),
    *("slot-description", "slot-id", "slot-manufacturer"),
    *("module-name", "module-path", "pin-source", "pin-value"),
)
"""Attributes of the RFC that say nothing here, or stand in the query."""
_DRIVE: Final = re.compile(r"/[A-Za-z]:")


class TokenUriError(ValueError):
    """Not the name of a key; the message says why and holds no value of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUri:
    """Which key in which token, through which module, and where the PIN is."""

    module: Path
    token: Mapping[str, str]
    """What the token must be, by the attributes of the RFC: label, maker, serial number, model."""
    label: str | None
    id: bytes | None
    pin_file: Path | None = None
    pin: str | None = field(default=None, repr=False)

    @property
    def digest(self) -> str:
        """A name for this key that a file can have, and that tells nothing of the PIN."""
        named = (str(self.module), sorted(self.token.items()), self.label, self.id)
        return hashlib.sha256(repr(named).encode()).hexdigest()[:32]


def is_token_uri(text: str) -> bool:
    """Whether a key is said to be in a token; schemes have no case (RFC 3986, 3.1)."""
    return text[: len(SCHEME)].lower() == SCHEME


def parsed(text: str) -> TokenUri:
    """Read the name of a private key; raise ``TokenUriError``."""
    if not is_token_uri(text):
        raise TokenUriError("does not begin with pkcs11:")
    path, _, query = text[len(SCHEME) :].partition("?")
    of_path = _attributes(path, ";", _PATH)
    of_query = _attributes(query, "&", _QUERY) if query else {}
    _check(of_path, of_query)
    token = {name: _text(name, of_path[name]) for name in _OF_TOKEN if name in of_path}
    return TokenUri(
        module=_file("module-path", of_query.get("module-path", "")),
        token=token,
        label=_text("object", of_path["object"]) if "object" in of_path else None,
        id=unquote_to_bytes(of_path["id"]) if "id" in of_path else None,
        pin_file=_file("pin-source", of_query["pin-source"]) if "pin-source" in of_query else None,
        pin=_text("pin-value", of_query["pin-value"]) if "pin-value" in of_query else None,
    )


def _attributes(text: str, between: str, form: re.Pattern[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(between):
        match = form.fullmatch(part)
        if match is None:
            raise TokenUriError("is not written as RFC 7512 has it; a space is %20, for instance")
        name, value = match.groups()
        if name in found:
            raise TokenUriError(f"has {_known(name)} twice")
        found[name] = value
    return found


def _check(of_path: Mapping[str, str], of_query: Mapping[str, str]) -> None:
    """Refuse what cannot name one key, and say what is missing."""
    for name in of_path:
        if name not in (*_OF_TOKEN, *_OF_OBJECT):
            raise TokenUriError(f"has {_known(name)} where it is not used")
    if not ({"token", "serial"} & of_path.keys()):
        raise TokenUriError("needs token or serial: a PIN goes to no other token")
    if not ({"object", "id"} & of_path.keys()):
        raise TokenUriError("needs object or id")
    if of_path.get("type", "private") != "private":
        raise TokenUriError("has a type other than private")
    if {"pin-source", "pin-value"} <= of_query.keys():
        raise TokenUriError("has both pin-source and pin-value")
    for name, value in {**of_path, **of_query}.items():
        if not value:
            raise TokenUriError(f"has nothing in {_known(name)}")


def _known(name: str) -> str:
    """Tell a name of the RFC; any other may be part of a PIN that was not written well."""
    return name if name in (*_OF_TOKEN, *_OF_OBJECT, *_NOT_USED) else "an unknown attribute"


def _text(name: str, value: str) -> str:
    try:
        text = unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise TokenUriError(f"has {name} that is not UTF-8") from None
    if not text.isprintable():
        raise TokenUriError(f"has {name} with a character that cannot be printed")
    return text


def _file(name: str, value: str) -> Path:
    """Return the full path that a path or a ``file:`` URI names (RFC 8089)."""
    text = _text(name, value)
    if text.startswith("|"):
        raise TokenUriError(f"has a command in {name}; none is run")
    if text.lower().startswith("file:"):
        text = text[len("file:") :].removeprefix("//").removeprefix("localhost")
        text = text[1:] if _DRIVE.match(text) else text
    path = Path(text)
    if not path.is_absolute():
        raise TokenUriError(f"needs the full path of a file in {name}")
    return path
