"""Is a request what MAGDA would take: signed by the client, fresh, and valid by its schema."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from lxml import etree
from signxml.exceptions import InvalidInput, InvalidSignature
from signxml.verifier import SignatureConfiguration, XMLVerifier

from kiosk.service.central.connectors.magda.services import SERVICES
from tests.support.magda_schemas import SCHEMAS, request_schema
from tests.support.mock_magda.files import SOAP, Asked, read_request

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-"
WSSE = f"{_OASIS}secext-1.0.xsd"
WSU = f"{_OASIS}utility-1.0.xsd"
SECURITY = f"{{{SOAP}}}Header/{{{WSSE}}}Security"
SIGNED = {f"{{{WSSE}}}BinarySecurityToken", f"{{{WSU}}}Timestamp", f"{{{SOAP}}}Body"}


class Rejected(Exception):
    """A request that MAGDA would not take."""


class Inspector:
    """Looks at requests of one client."""

    def __init__(self, client: Path, *, schemas: bool) -> None:
        self._client = x509.load_pem_x509_certificate(client.read_bytes())
        at_hand = schemas and SCHEMAS.is_dir()
        self._schemas = {s.name: request_schema(s) for s in SERVICES} if at_hand else {}

    def inspect(self, body: bytes) -> Asked:
        """Return what is asked; raise ``Rejected``."""
        envelope = etree.fromstring(body)
        self._require_signature(body, envelope)
        _require_fresh(envelope)
        asked = read_request(body)
        schema = self._schemas.get(asked.service)
        (request,) = envelope.find(f"{{{SOAP}}}Body")
        if schema is not None and not schema.validate(etree.fromstring(etree.tostring(request))):
            raise Rejected("schema")
        return asked

    def _require_signature(self, body: bytes, envelope: Any) -> None:
        token = envelope.findtext(f"{SECURITY}/{{{WSSE}}}BinarySecurityToken")
        if token is None or x509.load_der_x509_certificate(base64.b64decode(token)) != self._client:
            raise Rejected("token")
        config = SignatureConfiguration(expect_references=3, location=f"./{SECURITY}/")
        try:
            parts = XMLVerifier().verify(body, x509_cert=self._client, expect_config=config)
        except (InvalidSignature, InvalidInput):
            raise Rejected("signature") from None
        assert isinstance(parts, list)
        if {part.signed_xml.tag for part in parts if part.signed_xml is not None} != SIGNED:
            raise Rejected("something is not signed")


def _require_fresh(envelope: Any) -> None:
    stamp = envelope.find(f"{SECURITY}/{{{WSU}}}Timestamp")
    times = [datetime.fromisoformat(element.text) for element in stamp]
    if not times[0] <= datetime.now(UTC) < times[1]:
        raise Rejected("time")
