"""One message to MAGDA and its answer. The only module of the central service that uses httpx.

Mutual TLS, no redirect, nothing from the environment, a largest answer, one time limit for all of
it. A connection that could not be made is tried once more; nothing else is.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import httpx

from kiosk.service.central.connectors.magda.failures import NotAnswered, Reason, Unusable
from kiosk.service.central.connectors.magda.xml import LARGEST

_XML: Final = frozenset({"text/xml", "application/xml", "application/soap+xml"})
_FAILURES: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    OSError,  # what TLS says while an answer is read comes as it is
    UnicodeError,
)
_CONNECTIONS: Final = httpx.Limits(max_connections=None, max_keepalive_connections=50)
"""How many are open at once is for the bucket of each service to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The files that show who we are, and whom we believe; an empty ``ca`` is the system."""

    certificate: Path
    key: Path
    password: str
    ca: str


@final
class Transport:
    """The connections to MAGDA; belongs to one event loop."""

    def __init__(self, identity: Identity, seconds: float) -> None:
        """Load the files; raise ``Unusable``."""
        self._seconds = seconds
        self._http = httpx.AsyncClient(
            verify=_context(identity),
            timeout=seconds,
            follow_redirects=False,
            trust_env=False,
            limits=_CONNECTIONS,
            headers={"Accept-Encoding": "identity", "User-Agent": "tariefwijzer"},
        )

    async def close(self) -> None:
        """Close what is open; whoever still waits gets no answer."""
        await self._http.aclose()

    async def post(self, url: str, message: bytes, headers: Mapping[str, str]) -> bytes:
        """Send a message and return the XML that came back; raise ``NotAnswered``."""
        sent = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', **headers}
        try:
            async with asyncio.timeout(self._seconds):
                try:
                    return await self._once(url, message, sent)
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    if _is_about_certificates(error):
                        raise
                return await self._once(url, message, sent)
        except (TimeoutError, httpx.TimeoutException):
            raise NotAnswered(Reason.TIMEOUT) from None
        except _FAILURES as error:
            about = _is_about_certificates(error)
            raise NotAnswered(Reason.CERTIFICATE if about else Reason.NO_CONNECTION) from None

    async def _once(self, url: str, message: bytes, headers: Mapping[str, str]) -> bytes:
        async with self._http.stream("POST", url, content=message, headers=headers) as response:
            _require_answer(response)
            body = bytearray()
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > LARGEST:
                    raise NotAnswered(Reason.NOT_UNDERSTOOD)
            return bytes(body)


def _context(identity: Identity) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=identity.ca or None)
    except OSError as error:
        raise Unusable(f"the authority's file: {error.strerror or 'no certificates'}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # A function, since without one OpenSSL asks for the password at the terminal.
        context.load_cert_chain(identity.certificate, identity.key, lambda: identity.password)
    except OSError as error:
        raise Unusable(f"certificate and key: {_why(error)}") from None
    return context


def _why(error: OSError) -> str:
    reason = getattr(error, "reason", None)
    return str(reason or error.strerror or "cannot be used").lower().replace("_", " ")


def _require_answer(response: httpx.Response) -> None:
    status, kind = response.status_code, response.headers.get("content-type", "")
    is_xml = kind.partition(";")[0].strip().lower() in _XML
    plain = response.headers.get("content-encoding", "identity").lower() == "identity"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise NotAnswered(Reason.TOO_BUSY, _retry_after(response))
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise NotAnswered(Reason.NOT_AUTHORISED)
    if status == httpx.codes.INTERNAL_SERVER_ERROR and is_xml and plain:
        return  # that is how SOAP 1.1 carries a fault
    if status != httpx.codes.OK:
        raise NotAnswered(Reason.HTTP_ERROR, _retry_after(response))
    if not is_xml or not plain:
        raise NotAnswered(Reason.NOT_UNDERSTOOD)


def _retry_after(response: httpx.Response) -> int | None:
    text = response.headers.get("retry-after", "")
    return min(int(text), 3600) if text.isascii() and text.isdigit() and len(text) < 8 else None


def _is_about_certificates(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
