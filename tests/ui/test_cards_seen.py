"""Which cards wait to be read, and which had their visit."""

from __future__ import annotations

from kiosk.domain.visit import SlotName
from kiosk.ui.cards_seen import CardsSeen

A, B = SlotName("reader A"), SlotName("reader B")


def test_cards_wait_in_the_order_in_which_they_came() -> None:
    cards = CardsSeen(reads_found=True)
    cards.came(B, found=False)
    cards.came(A, found=False)
    assert cards.unread() == B
    cards.used(B)
    assert (cards.unread(), cards.forgotten()) == (A, B)


def test_a_card_that_was_taken_out_is_a_new_one() -> None:
    cards = CardsSeen(reads_found=False)
    cards.came(A, found=False)
    cards.used(A)
    cards.went(A, gone=False)
    assert cards.forgotten() is None
    cards.came(A, found=False)
    assert cards.unread() == A


def test_a_card_in_a_slot_that_was_lost_is_the_same_one() -> None:
    cards = CardsSeen(reads_found=True)
    cards.came(A, found=False)
    cards.used(A)
    cards.went(A, gone=True)
    assert cards.forgotten() is None
    cards.came(A, found=True)
    assert (cards.unread(), cards.forgotten()) == (None, A)


def test_a_card_that_was_there_already_is_read_where_somebody_looks_after_it() -> None:
    for reads_found in (True, False):
        cards = CardsSeen(reads_found=reads_found)
        cards.came(A, found=True)
        assert (cards.unread() == A) is reads_found
        assert (cards.forgotten() == A) is not reads_found
