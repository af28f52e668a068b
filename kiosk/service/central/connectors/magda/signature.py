"""The SOAP envelope with a WS-Security signature. The only module that imports signxml.

OASIS WS-Security 1.0 with the X.509 token profile: the certificate travels as a binary token; the
token, the timestamp and the body are signed with SHA-256 over exclusive canonical XML.
"""

from __future__ import annotations

import base64
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.signer import XMLSigner

from kiosk.service.central.connectors.magda.failures import Unusable
from kiosk.service.central.connectors.magda.services import SOAP
from kiosk.service.central.connectors.magda.xml import Part, element_of, put_into, write

_OASIS: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE: Final = f"{_OASIS}wssecurity-secext-1.0.xsd"
WSU: Final = f"{_OASIS}wssecurity-utility-1.0.xsd"
XMLDSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
_X509: Final = f"{_OASIS}x509-token-profile-1.0#X509v3"
_BASE64: Final = f"{_OASIS}soap-message-security-1.0#Base64Binary"
_ID: Final = f"{{{WSU}}}Id"
_PREFIXES: Final = {"soapenv": SOAP, "wsse": WSSE, "wsu": WSU, "ds": XMLDSIG}
_SIGNED: Final = ("#Token", "#Timestamp", "#Body")
_LIFE: Final = timedelta(minutes=5)
_SECURITY: Final = f"{{{SOAP}}}Header/{{{WSSE}}}Security"

# At DEBUG signxml writes down what it signs, and the number of the person is in there.
logging.getLogger("signxml").setLevel(logging.INFO)


@final
class Signer:
    """Signs requests with one certificate and its key."""

    def __init__(self, certificate: Path, key: Path, password: str) -> None:
        """Load the files; raise ``Unusable``."""
        try:
            loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
            secret = serialization.load_pem_private_key(key.read_bytes(), password.encode() or None)
        except OSError as error:
            raise Unusable(f"signing: {error.strerror}") from None
        except (ValueError, TypeError):
            raise Unusable("signing: not a certificate and its key, or another password") from None
        if loaded.public_key() != secret.public_key():
            raise Unusable("signing: the key is not that of the certificate")
        if not isinstance(secret, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise Unusable("signing: a key of RSA or an elliptic curve is needed")
        self._key = secret
        der = loaded.public_bytes(serialization.Encoding.DER)
        self._token = base64.b64encode(der).decode("ascii")

    def envelope(self, request: Part, namespace: str, moment: datetime) -> bytes:
        """Return the whole message around a request, signed."""
        security = Part(
            f"{{{WSSE}}}Security",
            (_token(self._token), _timestamp(moment)),
            {f"{{{SOAP}}}mustUnderstand": "1"},
        )
        whole = Part(
            f"{{{SOAP}}}Envelope",
            (
                Part(f"{{{SOAP}}}Header", (security,)),
                Part(f"{{{SOAP}}}Body", (request,), {_ID: "Body"}),
            ),
        )
        content = write(whole, {**_PREFIXES, "m": namespace})
        signature = self._signer().sign(
            content,
            key=self._key,
            reference_uri=list(_SIGNED),
            key_info=element_of(_KEY_INFO, _PREFIXES),
        )
        return put_into(content, _SECURITY, signature)

    def _signer(self) -> XMLSigner:
        # One a message: signxml keeps state in it, and requests are made side by side.
        of_rsa = isinstance(self._key, rsa.RSAPrivateKey)
        return XMLSigner(
            method=SignatureConstructionMethod.detached,
            signature_algorithm=(
                SignatureMethod.RSA_SHA256 if of_rsa else SignatureMethod.ECDSA_SHA256
            ),
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )


_KEY_INFO: Final = Part(
    f"{{{XMLDSIG}}}KeyInfo",
    (
        Part(
            f"{{{WSSE}}}SecurityTokenReference",
            (Part(f"{{{WSSE}}}Reference", "", {"URI": "#Token", "ValueType": _X509}),),
        ),
    ),
)


def _token(certificate: str) -> Part:
    attributes = {"EncodingType": _BASE64, "ValueType": _X509, _ID: "Token"}
    return Part(f"{{{WSSE}}}BinarySecurityToken", certificate, attributes)


def _timestamp(moment: datetime) -> Part:
    created = moment.astimezone(UTC)
    times = {"Created": created, "Expires": created + _LIFE}
    parts = tuple(
        Part(f"{{{WSU}}}{name}", f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z")
        for name, time in times.items()
    )
    return Part(f"{{{WSU}}}Timestamp", parts, {_ID: "Timestamp"})
