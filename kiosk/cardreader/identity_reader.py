"""Reading and proving as one operation: a slot in, a proven person out."""

from __future__ import annotations

import secrets
from typing import final

from kiosk.cardreader import verification
from kiosk.cardreader.card_files import CardFiles, CardOpening
from kiosk.cardreader.certificate_cache import CertificateCache
from kiosk.cardreader.eid import OverCommands
from kiosk.cardreader.files import CardFile
from kiosk.cardreader.line import LineFailed
from kiosk.cardreader.trust import Root, Signer, TrustStore
from kiosk.cardreader.verification import SignedFields
from kiosk.domain.identity import Proof
from kiosk.domain.policy import CardPolicy
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.ports import CardError, CardReport, CardReset, CardSlot, Clock, Reading

_READS = 2
_TRIES = 4
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
        ProblemCode.CHIP_PROOF_MISSING,
        ProblemCode.NOT_AN_EID,  # of a reader or a module that lost it; a chip cannot say this
    }
)
"""What ends a challenge without saying anything about the chip: nobody is accused of a copy."""


@final
class EidReader:
    """Reads the card in one go, by its own commands if not told otherwise, and proves it."""

    def __init__(
        self,
        trust: TrustStore,
        cache: CertificateCache,
        policy: CardPolicy,
        clock: Clock,
        opening: CardOpening | None = None,
    ) -> None:
        self._trust = trust
        self._cache = cache
        self._policy = policy
        self._clock = clock
        self._opening = opening or OverCommands()

    def read(self, slot: CardSlot) -> Reading:
        """Return the proven person; raise ``KioskError`` with the code to show.

        When another program resets the card every byte is dropped and the read
        starts over, once: what was verified is always what one undisturbed read
        returned. So it does when the line to the card fails, a few times.
        """
        resets = failures = 0
        while resets < _READS and failures < _TRIES:
            try:
                with self._opening(slot) as files:
                    return self._read(files)
            except LineFailed:
                failures += 1
            except CardReset:
                resets += 1
        raise KioskError(ProblemCode.CARD_UNREADABLE)

    def _read(self, files: CardFiles) -> Reading:
        now = self._clock()
        identity = files.read(CardFile.IDENTITY)
        signature = files.read(CardFile.IDENTITY_SIGNATURE)
        if not identity or not signature:
            raise KioskError(ProblemCode.CARD_UNREADABLE)
        signer = verification.find_signer(identity, signature, self._cache.valid_signers(now))
        if signer is None:
            signer = self._signer_on(files)
        signed = verification.verify_identity(identity, signature, signer, self._policy, now)
        self._cache.remember(signer)
        proof = self._prove_chip(files, signed)
        person = verification.identity_of(signed, proof, now.date())
        report = CardReport(applet=files.version, apdus=files.commands, bytes=files.bytes)
        return Reading(identity=person, report=report)

    def _signer_on(self, files: CardFiles) -> Signer:
        """Take the signer's certificate from the card, the root only if it is new."""
        certificate = files.read(CardFile.RRN_CERTIFICATE)
        signer = self._trust.signer(certificate, self._cache.roots)
        if signer is None:
            signer = self._trust.signer(certificate, [self._root_on(files)])
        if signer is None:
            raise KioskError(ProblemCode.CERTIFICATE_WRONG)
        return signer

    def _root_on(self, files: CardFiles) -> Root:
        """A card that shows no root cannot be verified; that does not make it a forgery."""
        try:
            der = files.read(CardFile.ROOT_CERTIFICATE)
        except CardError as error:
            if error.problem.code in _NOT_THE_CHIPS_DOING:
                raise
            der = b""
        if not any(der):
            raise KioskError(ProblemCode.ROOT_UNKNOWN)
        return self._trust.root(der)

    def _prove_chip(self, files: CardFiles, signed: SignedFields) -> Proof:
        if not verification.demands_challenge(signed, self._policy):
            return Proof.SIGNATURE
        try:
            key = verification.verify_basic_key(signed, files.read(CardFile.BASIC_KEY))
            digest = secrets.token_bytes(verification.CHALLENGE_LENGTH)
            verification.verify_challenge(key, digest, files.challenge(digest))
        except KioskError as error:
            if error.problem.code in _NOT_THE_CHIPS_DOING:
                raise
            raise KioskError(ProblemCode.CHIP_COPIED) from None
        return Proof.CHIP
