"""A card on its way: what to issue, what to spoil afterwards, how it is to behave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.cardreader.simulator.issue import BytesEdit, CardImage, Order
from kiosk.cardreader.simulator.layout import File
from kiosk.cardreader.simulator.persona import Persona
from kiosk.cardreader.simulator.pki import Forgery

ImageEdit = Callable[[CardImage], CardImage]
Forward = Callable[[bytes], bytes]
Wrap = Callable[[int, Forward, bytes], bytes]
"""Stands between reader and chip: number of the command since insertion (from 1),
the way on, and the command. It returns the answer or raises one of the below."""


class Pulled(Exception):
    """The card was pulled out at this command."""


class Silent(Exception):
    """The card will never answer this command."""


class ResetElsewhere(Exception):
    """Another program reset the card before this command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A card's order and its faults. ``atr`` replaces the applet's; empty is mute."""

    order: Order
    image_edits: tuple[ImageEdit, ...] = ()
    wraps: tuple[Wrap, ...] = ()
    atr: bytes | None = None

    def persona(self, change: Callable[[Persona], Persona]) -> Plan:
        """Return the plan for a changed person."""
        order = replace(self.order, persona=change(self.order.persona))
        return replace(self, order=order)

    def edited(self, edit: BytesEdit) -> Plan:
        """Return the plan with the identity file changed before it is signed."""
        return replace(self, order=replace(self.order, edits=(*self.order.edits, edit)))

    def forged(self, forgery: Forgery) -> Plan:
        """Return the plan with certificates that are wrong in this way."""
        return replace(self, order=replace(self.order, forgery=forgery))

    def spoiled(self, edit: ImageEdit) -> Plan:
        """Return the plan with the finished card changed."""
        return replace(self, image_edits=(*self.image_edits, edit))

    def with_file(self, file: File, edit: BytesEdit) -> Plan:
        """Return the plan with one file of the finished card changed.

        Making the card raises ``KeyError`` if it has no such file.
        """

        def spoil(image: CardImage) -> CardImage:
            changed = {file.path: edit(image.file(file))}
            return replace(image, files={**image.files, **changed})

        return self.spoiled(spoil)

    def wrapped(self, wrap: Wrap) -> Plan:
        """Return the plan with something between reader and chip."""
        return replace(self, wraps=(*self.wraps, wrap))
