"""The settings of a terminal: their keys, their defaults, and where they come from."""

from __future__ import annotations

import ctypes
import ipaddress
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from kiosk import layered, machine_policy, token_uri
from kiosk.domain.policy import CardPolicy, ChipProof, Legacy, Mode
from kiosk.layered import ConfigurationError, Layer, Mistake, Resolved

ENVIRONMENT_PREFIX: Final = "KIOSK_"
_TRUST: Final = ("card.test_roots", "card.trust_list", "card.trust_key")
PROTECTED: Final = ("environment", *_TRUST, "service.*")
"""What only the administrator sets, once there is a machine file or a policy."""
_PIN_LENGTH: Final = 64
_PIN_HASH: Final = "$argon2id$"
_COMMON_APPDATA: Final = 0x23
_LONGEST_PATH: Final = 260
_SPACE: Final = re.compile(r"\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSettings:
    """``[card]``: which readers, and what counts as enough proof."""

    readers: tuple[str, ...] = ()
    ignore_readers: tuple[str, ...] = ("windows hello", "uicc", " sam ", " sam]")
    backend: Literal["pcsc", "pkcs11", "simulator"] = "pcsc"
    pkcs11_module: str = ""
    test_roots: tuple[str, ...] = ()
    trust_list: str = ""
    """A newer list of roots, with its signature beside it; ``trust_key`` is who may sign it."""
    trust_key: str = ""
    chip_proof: ChipProof = ChipProof.WHEN_SUPPORTED
    legacy: Legacy = Legacy.ACCEPT
    cache_folder: str = ""

    @property
    def policy(self) -> CardPolicy:
        """What the verification needs of it."""
        return CardPolicy(chip_proof=self.chip_proof, legacy=self.legacy)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """``[service.client]``: how this terminal proves itself to the service."""

    id: str = ""
    auth: Literal["private-key-jwt", "none"] = "private-key-jwt"
    key: str = layered.secret()
    token_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """``[service]``: the central service and what is asked of it."""

    url: str = ""
    use_cases: tuple[Literal["uitpas", "school", "garbage", "lez"], ...] = ("uitpas",)
    deadline_seconds: float = 6.0
    purpose: str = "urn:tariefwijzer:tariff-check"
    site: str = ""
    ca_file: str = ""
    client: ClientSettings = field(default_factory=ClientSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskNames:
    """``[ui.desk]``: where a citizen is helped, as it stands after "go to", by language."""

    nl: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UiSettings:
    """``[ui]``: what the window looks like and what it says of this place."""

    language: Literal["nl", "en"] = "nl"
    languages: tuple[Literal["nl", "en"], ...] = ("nl", "en")
    theme: Literal["system", "light", "high-contrast"] = "system"
    motion: Literal["full", "reduced"] = "full"
    counter: str = ""
    desk: DeskNames = field(default_factory=DeskNames)
    staff_pin: str = layered.secret()
    """The hash that ``kiosk config pin`` prints; without it nobody leaves self-service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that may differ between two terminals."""

    environment: Literal["production", "test"] = "production"
    mode: Mode = Mode.DESK
    """What opens when nobody says which."""
    card: CardSettings = field(default_factory=CardSettings)
    service: ServiceSettings = field(default_factory=ServiceSettings)
    ui: UiSettings = field(default_factory=UiSettings)

    @property
    def is_test(self) -> bool:
        """Whether test roots and test numbers may be used, and every screen says TEST."""
        return self.environment == "test"


def machine_file() -> Path:
    """Return where the administrator's file is."""
    if sys.platform == "win32":
        return _program_data() / "Tariefwijzer" / "kiosk.toml"
    return Path("/etc/tariefwijzer/kiosk.toml")


def _program_data() -> Path:
    """Ask Windows: a variable of the environment is the user's, and this file is believed."""
    buffer = ctypes.create_unicode_buffer(_LONGEST_PATH)
    windll: Any = vars(ctypes)["windll"]
    windll.shell32.SHGetFolderPathW(None, _COMMON_APPDATA, None, 0, buffer)
    return Path(buffer.value or r"C:\ProgramData")


def load(
    config: Path | None,
    environment: Mapping[str, str],
    command_line: Mapping[str, object] | None = None,
    machine: Path | None = None,
) -> Resolved[Settings]:
    """Read every layer; raise ``ConfigurationError`` with all mistakes of all of them.

    ``machine`` stands in for the machine's own file, and then there is no policy.
    """
    own = machine or machine_file()
    readers: list[Callable[[], Layer | None]] = [partial(_own_file, own)]
    if machine is None:
        readers.append(machine_policy.policy)
    readers.append(partial(layered.from_environment, ENVIRONMENT_PREFIX, environment))
    if config:
        readers.append(partial(layered.read_toml, config))
    layers: list[Layer] = []
    mistakes: list[Mistake] = []
    for read in readers:
        try:
            layers += filter(None, [read()])
        except ConfigurationError as error:
            mistakes += error.mistakes
    layers.append(Layer("command line", dict(command_line or {})))
    try:
        resolved = layered.resolve(Settings, layers, PROTECTED, _rules)
    except ConfigurationError as error:
        raise ConfigurationError([*mistakes, *error.mistakes]) from None
    if mistakes:
        raise ConfigurationError(mistakes)
    return resolved


def _own_file(path: Path) -> Layer | None:
    """Read the machine's file. One that sets nothing, as packages bring it, does not count."""
    layer = layered.read_toml(path, managed=True) if _is_there(path) else None
    return layer if layer and (layer.values or layer.locked or layer.released) else None


def _is_there(path: Path) -> bool:
    """Whether there is a file; one that cannot be looked at is there, and reading it tells."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def is_loopback(url: str) -> bool:
    """Whether an address can only be this machine's own."""
    host = _host(url)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _rules(settings: Settings) -> Iterable[tuple[str, str]]:
    yield from _card_rules(settings)
    yield from _service_rules(settings)
    yield from _client_rules(settings)
    yield from _ui_rules(settings.ui)


def _card_rules(settings: Settings) -> Iterable[tuple[str, str]]:
    card = settings.card
    if card.test_roots and not settings.is_test:
        yield "card.test_roots", 'test roots need environment = "test"'
    if any(not _is_pin(pin) for pin in card.test_roots):
        yield "card.test_roots", "a pin is 64 hexadecimal digits"
    if card.backend == "pkcs11" and not _is_module(Path(card.pkcs11_module)):
        yield "card.pkcs11_module", "must be the full path of the eID middleware's module"
    if bool(card.trust_list) != bool(card.trust_key):
        yield (
            "card.trust_list",
            "a list and the key that it is signed with, card.trust_key, go together",
        )
    for name in ("trust_list", "trust_key"):
        if (path := getattr(card, name)) and not Path(path).is_absolute():
            yield f"card.{name}", "must be a full path"
    if card.backend == "simulator" and not settings.is_test:
        yield "card.backend", 'a simulated card needs environment = "test"'


def _is_module(path: Path) -> bool:
    """Whether a file is named in full: a name alone would be looked for in other folders."""
    return path.is_absolute() and path.is_file()


def _is_pin(text: str) -> bool:
    return len(text) == _PIN_LENGTH and all(c in "0123456789abcdefABCDEF" for c in text)


def _service_rules(settings: Settings) -> Iterable[tuple[str, str]]:
    service = settings.service
    if not service.url:
        yield "service.url", "not set: the address of the central service"
    elif not _is_allowed(service.url, settings):
        yield "service.url", 'must be https://… (http:// on loopback with environment = "test")'
    if not service.use_cases:
        yield "service.use_cases", "at least one is needed"
    if not 0 < service.deadline_seconds <= 60:
        yield "service.deadline_seconds", "must be more than 0 and at most 60"
    if service.ca_file and not Path(service.ca_file).is_file():
        yield "service.ca_file", "there is no such file"


def _client_rules(settings: Settings) -> Iterable[tuple[str, str]]:
    client = settings.service.client
    if client.auth == "none":
        if settings.service.url and not (settings.is_test and is_loopback(settings.service.url)):
            yield "service.client.auth", 'none needs environment = "test" and a loopback url'
        return
    if not client.id:
        yield "service.client.id", "not set: the name under which this terminal is registered"
    if mistake := _key_mistake(client.key, settings.card):
        yield "service.client.key", mistake
    if not _is_allowed(client.token_url, settings):
        yield "service.client.token_url", "not set: the https:// address that gives tokens"


def _key_mistake(key: str, card: CardSettings) -> str:
    """Tell what is wrong with the name of a key, and nothing of a PIN in it."""
    if key.startswith("file:"):
        return ""
    if not token_uri.is_token_uri(key):
        return "not set: file:PATH of this terminal's private key, or a pkcs11: URI"
    try:
        shared = token_uri.parsed(key).module == Path(card.pkcs11_module)
    except token_uri.TokenUriError as error:
        return str(error)
    return "has the module of the cards" if shared and card.backend == "pkcs11" else ""


def _ui_rules(ui: UiSettings) -> Iterable[tuple[str, str]]:
    if ui.language not in ui.languages:
        yield "ui.languages", "must hold ui.language"
    if ui.staff_pin and not ui.staff_pin.startswith(_PIN_HASH):
        yield "ui.staff_pin", "not a hash: `kiosk config pin` makes one"


def _is_allowed(url: str, settings: Settings) -> bool:
    if not _is_plain(url):
        return False
    if url.startswith("http://"):
        return settings.is_test and is_loopback(url)
    return url.startswith("https://")


def _is_plain(url: str) -> bool:
    """Whether it is scheme, host, port and path only, and the host can be looked up."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        host.encode("idna")
        extra = (parts.username, parts.password, parts.query, parts.fragment)
        return bool(host) and not any(extra) and parts.port != 0 and not _SPACE.search(url)
    except ValueError:
        return False
