"""The card's table of contents in PKCS#15, as general card software reads it.

Our own reader needs none of it; with it OpenSC recognises and lists the card.
Structure and sizes: card manual 3; PKCS #15 v1.1.
"""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.cardreader.simulator.encoding import der
from kiosk.cardreader.simulator.layout import MASTER_FILE, Applet, File, Folder

_LABEL = b"BELPIC"
_PIN_ID = der(0x04, b"\x01")
_SEQUENCE, _INTEGER, _OCTETS, _BITS, _TEXT, _PATH = 0x30, 0x02, 0x04, 0x03, 0x0C, 0x30
# Version 04 is the electrical personalisation of applet 1.8, 03 the ones before.
_PERSONALISATION = {
    Applet.V1_0: "01010040",
    Applet.V1_1: "02020040",
    Applet.V1_7: "02030040",
    Applet.V1_8: "03040000",
}


def directory(applet: Applet, chip_number: bytes) -> Mapping[File, bytes]:
    """Return the PKCS#15 files of a card."""
    return {
        File.DIR: _applications(),
        File.ODF: _objects(),
        File.TOKEN_INFO: _token(applet, chip_number),
        File.AODF: _pins(),
        File.PRKDF: _private_keys(applet),
        File.CDF: _certificates(),
    }


def _path(file: File) -> bytes:
    return der(_PATH, der(_OCTETS, file.path))


def _applications() -> bytes:
    return der(
        0x61,
        der(0x4F, Folder.BELPIC.aid),
        der(0x50, _LABEL),
        der(0x51, Folder.BELPIC.path),
        der(0x73, bytes.fromhex("0603603802")),
    )


def _objects() -> bytes:
    return der(0xA0, _path(File.PRKDF)) + der(0xA4, _path(File.CDF)) + der(0xA8, _path(File.AODF))


def _token(applet: Applet, chip_number: bytes) -> bytes:
    return der(
        _SEQUENCE,
        der(_INTEGER, b"\0"),
        der(_OCTETS, chip_number),
        der(0x80, _LABEL),
        der(_BITS, b"\x04\x30"),
        der(0x9E, bytes.fromhex(_PERSONALISATION[applet])),
    )


def _pins() -> bytes:
    return der(
        _SEQUENCE,
        der(_SEQUENCE, der(_TEXT, b"Basic PIN"), der(_BITS, b"\x06\xc0")),
        der(_SEQUENCE, _PIN_ID),
        der(
            0xA1,
            der(
                _SEQUENCE,
                der(_BITS, b"\x02\x0c"),
                der(0x0A, b"\0"),
                der(_INTEGER, b"\x04"),
                der(_INTEGER, b"\x08"),
                der(0x80, b"\x01"),
                der(_OCTETS, b"\xff"),
                der(_PATH, der(_OCTETS, MASTER_FILE)),
            ),
        ),
    )


def _private_keys(applet: Applet) -> bytes:
    keys = (b"Authentication", 2, b"\x05\x20"), (b"Signature", 3, b"\x06\x00\x40")
    return b"".join(_private_key(applet, *key) for key in keys)


def _private_key(applet: Applet, label: bytes, number: int, usage: bytes) -> bytes:
    is_ec = applet.has_basic_key
    size = b"\x01\x80" if is_ec else b"\x08\x00" if applet is Applet.V1_7 else b"\x04\x00"
    path = der(_PATH, der(_OCTETS, Folder.BELPIC.path))
    return der(
        0xA0 if is_ec else _SEQUENCE,
        der(_SEQUENCE, der(_TEXT, label), der(_BITS, b"\x06\xc0"), _PIN_ID),
        der(
            _SEQUENCE,
            der(_OCTETS, bytes((number,))),
            der(_BITS, usage),
            der(_BITS, b"\x03\xb8"),
            der(_INTEGER, bytes((0x00, 0x80 + number))),
        ),
        der(0xA1, der(_SEQUENCE, path, der(_INTEGER, size))),
    )


def _certificates() -> bytes:
    return (
        _certificate(b"Authentication", 2, File.AUTHENTICATION_CERTIFICATE)
        + _certificate(b"Signature", 3, File.SIGNATURE_CERTIFICATE)
        + _certificate(b"CA", 4, File.CITIZEN_CA_CERTIFICATE, authority=True)
        + _certificate(b"Root", 6, File.ROOT_CERTIFICATE, authority=True)
    )


def _certificate(label: bytes, number: int, file: File, *, authority: bool = False) -> bytes:
    classes = [der(_OCTETS, bytes((number,)))]
    if authority:
        classes.append(der(0x01, b"\xff"))
    return der(
        _SEQUENCE,
        der(_SEQUENCE, der(_TEXT, label), der(_BITS, b"\x00")),
        der(_SEQUENCE, *classes),
        der(0xA1, der(_SEQUENCE, _path(file))),
    )
