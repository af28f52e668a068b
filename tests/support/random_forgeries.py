"""Forgeries by chance, of every kind, for as long as one likes; the same again with one seed."""

from __future__ import annotations

import hashlib
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest

from kiosk.cardreader import eid
from kiosk.cardreader.identity_reader import EidReader
from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.certificates import public_bytes
from kiosk.cardreader.simulator.encoding import split_tlvs, tlvs
from kiosk.cardreader.simulator.identity import BASIC_KEY_HASH, NAMES, NUMBER
from kiosk.cardreader.simulator.issue import sign_challenge
from kiosk.cardreader.simulator.layout import File
from kiosk.cardreader.simulator.persona import person
from kiosk.cardreader.simulator.pki import Forgery, Scheme, TestPki
from kiosk.cardreader.simulator.plan import Forward, Wrap
from tests.support.cards import PERSON, Cards
from tests.support.forged_cards import CACHES, KINDS, OTHER_PERSON, READ, Court, changed, with_key
from tests.support.forgers import ANSWERS, ORDER, OWN_KEY, SIGNATURES, dss, integer, signed_by

NUMBERS: Final = (b"90610100155", b"85613001239", b"71715100070", b"")
DAYS: Final = (b"01.01.2020", b"28.02.2099", b"2051", b"")
TYPES: Final = (b"1", b"6", b"33", b"7", b"")
REFUSALS: Final = ("6985", "6D00", "6982", "6A88", "6700", "9000", "6160")
SHARES: Final = (3, 3, 2, 2)
"""Of each generation: RSA is quicker, and its files are longer."""
READERS: Final = tuple(CACHES.values())


class Workshop:
    """Genuine cards to begin with, what a forger has besides, and dice."""

    def __init__(self, court: Court, seed: int) -> None:
        self.court = court
        self.dice = random.Random(seed)
        self.cards = {
            kind: [court.genuine(kind, person(name)) for name in (PERSON, OTHER_PERSON)]
            for kind in KINDS
        }

    def card(self) -> SimulatedCard:
        (kind,) = self.dice.choices(list(KINDS), SHARES)
        return self.dice.choice(self.cards[kind])

    def new_card(self) -> SimulatedCard:
        return self.dice.choice(self.cards["1.8"])

    @cached_property
    def donors(self) -> list[Mapping[bytes, bytes]]:
        """The files of all genuine cards, and certificates that are wrong in every known way."""
        genuine = [card.image.files for cards in self.cards.values() for card in cards]
        return [*genuine, *self.chains]

    @cached_property
    def chains(self) -> list[Mapping[bytes, bytes]]:
        pki = self.court.cards.pki
        chains = [pki.chain(scheme, forgery) for scheme in Scheme for forgery in Forgery]
        rrn, root = File.RRN_CERTIFICATE.path, File.ROOT_CERTIFICATE.path
        return [{rrn: chain.rrn, root: chain.root} for chain in chains]

    def reader_for(self, card: SimulatedCard) -> EidReader | None:
        """Return a reader that will look at what was changed; ``None`` when nothing was.

        Certificates are read from a card only by those who do not know them.
        """
        if card._wraps or self.own(card) not in self.genuine[0]:
            return self.dice.choice(READERS)(self.court)
        return None if self.shown(card) in self.genuine[1] else self.court.first()

    @cached_property
    def genuine(self) -> tuple[set[object], set[object]]:
        cards = [card for both in self.cards.values() for card in both]
        return {self.own(card) for card in cards}, {self.shown(card) for card in cards}

    def own(self, card: SimulatedCard) -> object:
        """Return what is a card's own: its files about the person, and its chip."""
        own = (File.IDENTITY, File.IDENTITY_SIGNATURE, File.BASIC_KEY)
        key = card.image.basic_key
        chip = None if key is None else public_bytes(key)
        return *(card.image.files.get(file.path) for file in own), chip

    def shown(self, card: SimulatedCard) -> object:
        """Return the certificates that a card shows."""
        shown = (File.RRN_CERTIFICATE, File.ROOT_CERTIFICATE)
        return tuple(card.image.files.get(file.path) for file in shown)

    def file(self, card: SimulatedCard) -> tuple[File, bytes]:
        """Return one of the files that are read, and what is in it."""
        there = [file for file in READ if file.path in card.image.files]
        file = self.dice.choice(there)
        return file, card.image.file(file)

    def place(self, content: bytes) -> int:
        """Return a place where something is; hardly anybody changes the zeros behind."""
        length = len(content) if self.dice.random() < 0.01 else len(content.rstrip(b"\0"))
        return self.dice.randrange(max(length, 1))


Forge = Callable[[Workshop], SimulatedCard]


def flip_bits(shop: Workshop) -> SimulatedCard:
    card = shop.card()
    for _ in range(shop.dice.choice((1, 1, 2, 3))):
        file, content = shop.file(card)
        at = shop.place(content)
        bit = bytes((content[at] ^ 1 << shop.dice.randrange(8),))
        card = changed(card, {file: content[:at] + bit + content[at + 1 :]})
    return card


def change_bytes(shop: Workshop) -> SimulatedCard:
    """Replace some bytes, leave some out, or put some in."""
    card = shop.card()
    file, content = shop.file(card)
    at, gone = shop.place(content), shop.dice.randrange(4)
    put = shop.dice.randbytes(shop.dice.randrange(1, 5))
    return changed(card, {file: content[:at] + put + content[at + gone :]})


def splice(shop: Workshop) -> SimulatedCard:
    """Put a part of the same file of another card in its place."""
    card = shop.card()
    file, content = shop.file(card)
    other = shop.dice.choice([one for one in shop.donors if file.path in one])[file.path]
    begin, end = sorted(shop.place(content) for _ in range(2))
    return changed(card, {file: content[:begin] + other[begin:end] + content[end:]})


def mix(shop: Workshop) -> SimulatedCard:
    """Take each file from a card of its own, and the chip of yet another."""
    card, files = shop.card(), dict[File, bytes | None]()
    for file in READ:
        owners = [one for one in shop.donors if file.path in one]
        if shop.dice.random() < 0.5:
            files[file] = shop.dice.choice(owners)[file.path]
    chip = shop.new_card().image.basic_key
    assert chip is not None
    mixed = changed(card, files)
    return with_key(mixed, chip) if mixed.image.basic_key else mixed


def rewritten(shop: Workshop, card: SimulatedCard) -> bytes:
    own = hashlib.sha384(public_bytes(OWN_KEY)).digest()
    values: dict[int, tuple[bytes, ...]] = {
        NUMBER: NUMBERS,
        NAMES: (b"Somebody", b""),
        0x03: DAYS,
        0x04: DAYS,
        0x0F: TYPES,
        BASIC_KEY_HASH: (own, b"", bytes(48)),
    }
    wanted = shop.dice.sample(list(values), shop.dice.randrange(1, 4))
    elements = dict(split_tlvs(card.image.file(File.IDENTITY)))
    for tag in wanted:
        elements[tag] = shop.dice.choice(values[tag])
        if shop.dice.random() < 0.2:
            del elements[tag]
    return tlvs(elements.items())


def rewrite(shop: Workshop) -> SimulatedCard:
    """Say something else under the old signature."""
    card = shop.card()
    return changed(card, {File.IDENTITY: rewritten(shop, card)})


def sign_oneself(shop: Workshop) -> SimulatedCard:
    """Sign another identity with a key of one's own, and show any certificates."""
    card = shop.new_card()
    identity = rewritten(shop, card)
    chain = {File(path.hex().upper()): der for path, der in shop.dice.choice(shop.chains).items()}
    own = {File.IDENTITY: identity, File.IDENTITY_SIGNATURE: signed_by(OWN_KEY, identity)}
    chip = {File.BASIC_KEY: public_bytes(OWN_KEY)}
    return with_key(changed(card, {**own, **chip, **chain}), OWN_KEY)


def plainly(r: int, s: int) -> bytes:
    return dss(integer(r), integer(s))


def make_a_signature_up(shop: Workshop) -> SimulatedCard:
    """Write numbers by chance, at the edge, or the genuine ones otherwise."""
    card = shop.card()
    file = File.IDENTITY_SIGNATURE
    size = len(card.image.file(file))
    if size in (128, 256) and card.image.file(file)[0] != 0x30:
        return changed(card, {file: shop.dice.randbytes(size)})
    r, s = (shop.dice.choice((shop.dice.randrange(ORDER), 1, ORDER - 1)) for _ in range(2))
    write = shop.dice.choice([*SIGNATURES.values(), plainly])
    return changed(card, {file: write(r, s).ljust(size, b"\0")})


def answer_wrongly(shop: Workshop) -> SimulatedCard:
    """Change what the chip says to the challenge."""

    def flip(raw: bytes) -> bytes:
        at = shop.dice.randrange(len(raw))
        return raw[:at] + bytes((raw[at] ^ 1 << shop.dice.randrange(8),)) + raw[at + 1 :]

    ways: list[Callable[[bytes], bytes]] = [flip, flip, *ANSWERS.values()]
    ways.append(lambda raw: shop.dice.randbytes(len(raw)))
    ways.append(lambda raw: sign_challenge(OWN_KEY, raw[:48]))
    change, refusal = shop.dice.choice(ways), bytes.fromhex(shop.dice.choice(REFUSALS))
    refuses = shop.dice.random() < 0.1

    def wrap(_number: int, forward: Forward, command: bytes) -> bytes:
        answer = forward(command)
        if command[1] == 0x88 and refuses:
            return refusal
        return change(answer[:-2]) + answer[-2:] if command[1] == 0xC0 and answer[:-2] else answer

    return changed(shop.new_card(), {}, wrap)


def play_an_older_card(shop: Workshop) -> SimulatedCard:
    """Report another version, hide the chip's key, and answer no challenge."""
    card, version = shop.new_card(), shop.dice.randbytes(1)
    hashes = shop.dice.choice((None, b"", bytes(20), shop.dice.randbytes(48)))
    elements = dict(split_tlvs(card.image.file(File.IDENTITY)))
    elements.pop(BASIC_KEY_HASH)
    if hashes is not None:
        elements[BASIC_KEY_HASH] = hashes
    hidden = {File.BASIC_KEY: shop.dice.choice((None, b"", public_bytes(OWN_KEY)))}
    return changed(card, {File.IDENTITY: tlvs(elements.items()), **hidden}, reporting(version))


def reporting(version: bytes) -> Wrap:
    def wrap(_number: int, forward: Forward, command: bytes) -> bytes:
        answer = forward(command)
        if command[1] == 0x88:
            return bytes.fromhex("6D00")
        return answer[:21] + version + answer[22:] if command[1] == 0xE4 else answer

    return wrap


ALL: Final[Mapping[str, tuple[Forge, int]]] = {
    "bits flipped": (flip_bits, 40),
    "bytes changed": (change_bytes, 15),
    "parts of other cards": (splice, 10),
    "files of other cards": (mix, 10),
    "identity rewritten": (rewrite, 5),
    "signed by oneself": (sign_oneself, 4),
    "signature made up": (make_a_signature_up, 6),
    "challenge answered wrongly": (answer_wrongly, 6),
    "an older card played": (play_an_older_card, 4),
}
"""Each with its share in a hundred."""
REFUSED: Final = "refused"
GENUINE: Final = "the genuine person, nothing forged"


def forge(count: int, seed: int, pki: Path) -> Counter[tuple[str, str]]:
    """Try until so many forgeries were refused; return what became of each kind.

    Fail when one is accepted. What turned out to forge nothing does not count.
    """
    outcomes: Counter[tuple[str, str]] = Counter()
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(eid, "time", SimpleNamespace(sleep=lambda _: None))
        court = Court(Cards(TestPki(pki, root_bits=2048)), Path(folder) / "cache")
        shop = Workshop(court, seed)
        kinds, shares = list(ALL), [share for _, share in ALL.values()]
        while forged(outcomes) < count:
            (kind,) = shop.dice.choices(kinds, shares)
            card = ALL[kind][0](shop)
            reader = shop.reader_for(card)
            if reader is not None:
                outcomes[kind, tried(shop, card, reader)] += 1
    return outcomes


def forged(outcomes: Counter[tuple[str, str]]) -> int:
    return sum(outcomes[kind, REFUSED] for kind in ALL)


def tried(shop: Workshop, card: SimulatedCard, reader: EidReader) -> str:
    return GENUINE if shop.court.judged(card, reader) is None else REFUSED
