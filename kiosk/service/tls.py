"""Whom this terminal believes when it opens a connection."""

from __future__ import annotations

import os
import ssl
from typing import Final

from kiosk.domain.problem import KioskError, ProblemCode

_FROM_ENVIRONMENT: Final = ("SSLKEYLOGFILE", "SSL_CERT_FILE", "SSL_CERT_DIR")


def tls_context(ca_file: str) -> ssl.SSLContext:
    """Trust the machine's certificate authorities, and one more if configured.

    OpenSSL takes authorities and a file for session keys from the environment:
    who sets that could read along, so it is taken away first. Raises
    ``CONFIGURATION_WRONG`` for a file that holds no certificate authority.
    """
    for name in _FROM_ENVIRONMENT:
        os.environ.pop(name, None)
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError):
            raise KioskError(ProblemCode.CONFIGURATION_WRONG) from None
    return context
