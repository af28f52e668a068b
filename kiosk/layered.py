"""Settings in layers: defaults, machine, policy, environment, file, command line.

Each layer may set keys, an earlier one may lock them for the later ones. All
mistakes are told at once, with a hint for a misspelt key. The module knows no
setting of its own: the kiosk and the central service each bring a dataclass.
"""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import msgspec

T = TypeVar("T")

LOCKED = "locked"
RELEASED = "released"
DEFAULTS = "built-in default"
_MASKED = "masked"


def secret(default: str = "") -> Any:
    """A text setting whose value is masked wherever settings are shown."""
    return field(default=default, metadata={_MASKED: True}, repr=False)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong with the configuration, in words for an administrator."""

    key: str
    origin: str
    message: str

    def __str__(self) -> str:
        """Say key, reason and place in one line."""
        return f"{self.key}: {self.message} ({self.origin})"


class ConfigurationError(Exception):
    """Everything that is wrong with the configuration."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


@dataclass(frozen=True, slots=True)
class Layer:
    """The keys that one place sets, as dotted names.

    ``textual`` marks a place that can only hold text (environment variables):
    numbers, flags and comma-separated lists are read out of it. ``managed``
    marks the administrator's own places, which lock ``protected`` keys for the
    places that come later.
    """

    origin: str
    values: Mapping[str, object]
    locked: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    textual: bool = False
    managed: bool = False


@dataclass(frozen=True, slots=True)
class Resolved(typing.Generic[T]):
    """The effective settings and where each value came from."""

    settings: T
    origins: Mapping[str, str]


def read_toml(path: Path, *, managed: bool = False) -> Layer:
    """Read one file; raise ``ConfigurationError`` when it cannot be read."""
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or "cannot be read"
    except UnicodeDecodeError:
        reason = "is not UTF-8 text"
    except tomllib.TOMLDecodeError as error:
        reason = f"is not valid TOML: {error}"
    else:
        locked = _names(tree.pop(LOCKED, []))
        released = _names(tree.pop(RELEASED, []))
        return Layer(str(path), flatten(tree), locked, released, managed=managed)
    raise ConfigurationError([Mistake("file", str(path), reason)])


def from_environment(prefix: str, environment: Mapping[str, str]) -> Layer:
    """Read ``PREFIX_SECTION__KEY`` variables."""
    values = {
        name.removeprefix(prefix).lower().replace("__", "."): value
        for name, value in environment.items()
        if name.startswith(prefix)
    }
    return Layer("environment variables", values, textual=True)


def textual_layer(origin: str, values: Mapping[str, object], *, managed: bool) -> Layer:
    """Make a layer of a place whose names have dots already and whose values are mostly text."""
    keys = dict(values)
    locked, released = (_names(_as_list(keys.pop(name, []))) for name in (LOCKED, RELEASED))
    return Layer(origin, keys, locked, released, textual=True, managed=managed)


def flatten(tree: Mapping[str, object], above: str = "") -> dict[str, object]:
    """Return a nested table as dotted names."""
    flat: dict[str, object] = {}
    for name, value in tree.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{above}{name}.")
        else:
            flat[f"{above}{name}"] = value
    return flat


Rule: TypeAlias = Callable[[T], Iterable[tuple[str, str]]]
"""Looks at the whole and tells (key, message) for what does not go together."""


def resolve(
    kind: type[T],
    layers: Iterable[Layer],
    protected: tuple[str, ...] = (),
    rule: Rule[T] | None = None,
) -> Resolved[T]:
    """Lay the layers over the defaults; raise ``ConfigurationError`` with all mistakes."""
    known = dict(_leaves(kind))
    values = {key: default for key, (_, default, _) in known.items()}
    origins = dict.fromkeys(known, DEFAULTS)
    mistakes: list[Mistake] = []
    locks: list[_Lock] = []
    for layer in layers:
        for key, raw in layer.values.items():
            problem = _problem(key, known, _lock_of(key, layer, locks))
            if problem is None:
                try:
                    values[key], origins[key] = _convert(raw, known[key][0], layer), layer.origin
                except msgspec.ValidationError as error:
                    problem = _without_value(error)
            if problem is not None:
                mistakes.append(Mistake(key, layer.origin, problem))
        mistakes += _lock_mistakes(layer, known)
        locks += _locks(layer, protected)
    settings = _build(kind, values)
    wrong = {mistake.key for mistake in mistakes}
    told = rule(settings) if rule else ()
    mistakes += [Mistake(key, origins[key], text) for key, text in told if key not in wrong]
    if mistakes:
        raise ConfigurationError(mistakes)
    return Resolved(settings, origins)


def is_secret(kind: type, key: str) -> bool:
    """Whether a key's value is masked when settings are shown."""
    return dict(_leaves(kind))[key][2]


def value_of(settings: object, key: str) -> object:
    """Return the value behind a dotted name."""
    for part in key.split("."):
        settings = getattr(settings, part)
    return settings


def _names(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _leaves(kind: type, above: str = "") -> Iterable[tuple[str, tuple[Any, object, bool]]]:
    hints = typing.get_type_hints(kind)
    for item in dataclasses.fields(kind):
        name = f"{above}{item.name}"
        hint = hints[item.name]
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            yield from _leaves(hint, f"{name}.")
        else:
            yield name, (hint, item.default, bool(item.metadata.get(_MASKED)))


def _build(kind: type[T], values: Mapping[str, object], above: str = "") -> T:
    hints = typing.get_type_hints(kind)
    arguments: dict[str, object] = {}
    for item in dataclasses.fields(kind):  # type: ignore[arg-type]  # every settings type is one
        name, hint = f"{above}{item.name}", hints[item.name]
        nested = dataclasses.is_dataclass(hint) and isinstance(hint, type)
        arguments[item.name] = _build(hint, values, f"{name}.") if nested else values[name]
    return kind(**arguments)


def _problem(key: str, known: Mapping[str, object], locked_by: str | None) -> str | None:
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1)
        return f"unknown key; did you mean {near[0]}?" if near else "unknown key"
    return f"locked by {locked_by}" if locked_by else None


def _convert(raw: object, kind: Any, layer: Layer) -> object:
    if layer.textual and typing.get_origin(kind) is tuple:
        raw = _as_list(raw)
    return msgspec.convert(raw, kind, strict=not layer.textual)


def _as_list(text: object) -> object:
    """Read a list as TOML (or JSON) writes it, or as names with commas between."""
    if not isinstance(text, str):
        return text
    if text.lstrip().startswith("["):
        try:
            return tomllib.loads(f"list = {text}")["list"]
        except tomllib.TOMLDecodeError:
            return text
    return [part.strip() for part in text.split(",") if part.strip()]


def _without_value(error: msgspec.ValidationError) -> str:
    text = str(error)
    return text[:1].lower() + text[1:]


@dataclass(frozen=True, slots=True)
class _Lock:
    name: str
    origin: str
    released: tuple[str, ...]
    binds_managed: bool


def _lock_mistakes(layer: Layer, known: Mapping[str, object]) -> list[Mistake]:
    """A lock on nothing would be believed in: say so."""
    names = layer.locked + layer.released
    if names and not layer.managed:
        return [Mistake(LOCKED, layer.origin, "only the machine's own file locks and releases")]
    return [
        Mistake(name, layer.origin, "locks or releases no known key")
        for name in names
        if not any(_covers(name, key) for key in known)
    ]


def _locks(layer: Layer, protected: tuple[str, ...]) -> list[_Lock]:
    if not layer.managed:
        return []
    explicit = [_Lock(name, layer.origin, (), True) for name in layer.locked]
    return explicit + [_Lock(name, layer.origin, layer.released, False) for name in protected]


def _lock_of(key: str, layer: Layer, locks: list[_Lock]) -> str | None:
    for lock in locks:
        free = layer.managed and not lock.binds_managed
        released = any(_covers(name, key) for name in lock.released)
        if _covers(lock.name, key) and not free and not released:
            return lock.origin
    return None


def _covers(name: str, key: str) -> bool:
    stem = name.removesuffix(".*")
    return key == stem or key.startswith(f"{stem}.")
