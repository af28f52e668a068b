"""Who sits at the desk, by the word of a login."""

from pathlib import Path

import pytest

from kiosk.service.central.clients.configuration import OperatorSettings
from kiosk.service.central.clients.operators import Operators
from kiosk.service.central.clients.signed import NotValid
from kiosk.service.central.keys import Keys
from tests.support.signing import LOGIN, SERVICE, operator_assertion, public_pem, rsa_key
from tests.unit.central.worlds import NOBODY

KEYS = Keys(b"k" * 32)


def operators(
    folder: Path, *roles: str, number_claim: str = "rrn", number_required: bool = True
) -> Operators:
    (folder / "login.pem").write_text(public_pem(rsa_key()))
    settings = OperatorSettings(
        issuer=LOGIN,
        audience=SERVICE,
        keys=str(folder / "login.pem"),
        number_claim=number_claim,
        number_required=number_required,
        roles=roles,
    )
    return Operators(settings, KEYS)


def test_an_operator(tmp_path: Path) -> None:
    found = operators(tmp_path).read(operator_assertion(rsa_key(), rrn=NOBODY), "desk")
    assert found.id == f"{LOGIN} officer-17"
    assert found.pseudonym == KEYS.operator(found.id)
    assert found.number is not None
    assert KEYS.pseudonym(found.number) != found.pseudonym
    assert "officer-17" not in repr(found)
    assert NOBODY not in repr(found)


def test_the_pseudonym_hangs_on_the_key(tmp_path: Path) -> None:
    text = operator_assertion(rsa_key())
    one = operators(tmp_path, number_claim="").read(text, "desk")
    assert one == operators(tmp_path, number_claim="").read(text, "other")
    assert one.pseudonym != Keys(b"l" * 32).operator(one.id)


@pytest.mark.parametrize(("claim", "required"), [("", True), ("", False), ("nrn", False)])
def test_a_number_that_is_not_looked_for(tmp_path: Path, claim: str, required: bool) -> None:
    text = operator_assertion(rsa_key(), rrn=NOBODY)
    login = operators(tmp_path, number_claim=claim, number_required=required)
    assert login.read(text, "desk").number is None


def test_without_a_number_nobody_can_tell_whose_file_it_is(tmp_path: Path) -> None:
    text = operator_assertion(rsa_key(), rrn=None)
    with pytest.raises(NotValid):
        operators(tmp_path).read(text, "desk")
    assert operators(tmp_path, number_required=False).read(text, "desk").number is None


def test_an_assertion_for_one_client(tmp_path: Path) -> None:
    text = operator_assertion(rsa_key(), azp="desk")
    assert operators(tmp_path).read(text, "desk").id
    with pytest.raises(NotValid):
        operators(tmp_path).read(text, "other")


@pytest.mark.parametrize("roles", [["desk"], ["x", "desk"], ["desk", 5]], ids=str)
def test_one_of_the_roles_is_enough(tmp_path: Path, roles: list[object]) -> None:
    text = operator_assertion(rsa_key(), roles=roles)
    assert operators(tmp_path, "desk", "supervisor").read(text, "desk").id


@pytest.mark.parametrize("roles", [[], ["other"], "desk", None, [5], {"desk": 1}], ids=str)
def test_without_one_nobody_asks(tmp_path: Path, roles: object) -> None:
    text = operator_assertion(rsa_key(), roles=roles)
    with pytest.raises(NotValid):
        operators(tmp_path, "desk", "supervisor").read(text, "desk")
    assert operators(tmp_path).read(text, "desk").id
