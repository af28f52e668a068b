"""Reading and proving as one operation: a slot in, a proven person out."""

from __future__ import annotations

import secrets
from typing import final

from kiosk.cardreader import verification
from kiosk.cardreader.certificate_cache import CertificateCache
from kiosk.cardreader.eid import Applet
from kiosk.cardreader.files import CardFile
from kiosk.cardreader.trust import Root, Signer, TrustStore
from kiosk.cardreader.verification import SignedFields
from kiosk.domain.identity import Proof
from kiosk.domain.policy import CardPolicy
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.ports import CardError, CardReport, CardReset, CardSlot, Clock, Reading

_READS = 2
_NOT_THE_CHIPS_DOING = frozenset(
    {
        ProblemCode.CARD_REMOVED_EARLY,
        ProblemCode.CARD_SILENT,
        ProblemCode.CARD_MUTE,
        ProblemCode.CARD_HELD,
        ProblemCode.READER_LOST,
        ProblemCode.NO_READER,
        ProblemCode.PCSC_DOWN,
        ProblemCode.PCSC_REFUSED,
    }
)
"""What ends a challenge without saying anything about the chip: nobody is accused of a copy."""


@final
class EidReader:
    """Reads the card in one transaction and proves what it read."""

    def __init__(
        self, trust: TrustStore, cache: CertificateCache, policy: CardPolicy, clock: Clock
    ) -> None:
        self._trust = trust
        self._cache = cache
        self._policy = policy
        self._clock = clock

    def read(self, slot: CardSlot) -> Reading:
        """Return the proven person; raise ``KioskError`` with the code to show.

        When another program resets the card every byte is dropped and the read
        starts over, once: what was verified is always what one undisturbed read
        returned.
        """
        for _ in range(_READS):
            try:
                with slot.open() as card:
                    return self._read(Applet(card))
            except CardReset:
                continue
        raise KioskError(ProblemCode.CARD_UNREADABLE)

    def _read(self, applet: Applet) -> Reading:
        now = self._clock()
        identity = applet.read(CardFile.IDENTITY)
        signature = applet.read(CardFile.IDENTITY_SIGNATURE)
        if not identity or not signature:
            raise KioskError(ProblemCode.CARD_UNREADABLE)
        signer = verification.find_signer(identity, signature, self._cache.valid_signers(now))
        if signer is None:
            signer = self._signer_on(applet)
        signed = verification.verify_identity(identity, signature, signer, self._policy, now)
        self._cache.remember(signer)
        proof = self._prove_chip(applet, signed)
        person = verification.identity_of(signed, proof, now.date())
        report = CardReport(applet=applet.version, apdus=applet.commands, bytes=applet.bytes)
        return Reading(identity=person, report=report)

    def _signer_on(self, applet: Applet) -> Signer:
        """Take the signer's certificate from the card, the root only if it is new."""
        certificate = applet.read(CardFile.RRN_CERTIFICATE)
        signer = self._trust.signer(certificate, self._cache.roots)
        if signer is None:
            signer = self._trust.signer(certificate, [self._root_on(applet)])
        if signer is None:
            raise KioskError(ProblemCode.CERTIFICATE_WRONG)
        return signer

    def _root_on(self, applet: Applet) -> Root:
        """A card that shows no root cannot be verified; that does not make it a forgery."""
        try:
            der = applet.read(CardFile.ROOT_CERTIFICATE)
        except CardError as error:
            if error.problem.code in _NOT_THE_CHIPS_DOING:
                raise
            der = b""
        if not any(der):
            raise KioskError(ProblemCode.ROOT_UNKNOWN)
        return self._trust.root(der)

    def _prove_chip(self, applet: Applet, signed: SignedFields) -> Proof:
        if not verification.demands_challenge(signed, self._policy):
            return Proof.SIGNATURE
        try:
            key = verification.verify_basic_key(signed, applet.read(CardFile.BASIC_KEY))
            digest = secrets.token_bytes(verification.CHALLENGE_LENGTH)
            verification.verify_challenge(key, digest, applet.challenge(digest))
        except KioskError as error:
            if error.problem.code in _NOT_THE_CHIPS_DOING:
                raise
            raise KioskError(ProblemCode.CHIP_COPIED) from None
        return Proof.CHIP
