"""XML out and in. The only module that imports lxml.

What comes in may come from anybody: no document type, no entity, nothing fetched, a largest size,
and libxml2's own limits on depth and growth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

LARGEST: Final = 2 * 1024 * 1024
"""Bytes of an answer; the largest seen has thirty thousand."""


class NotXml(Exception):
    """The bytes are not a document that we read; says why in one word, never with a part of it."""


@dataclass(frozen=True, slots=True)
class Part:
    """An element to be written: ``{namespace}name``, text or elements, attributes."""

    name: str
    content: str | tuple[Part, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


class Node:
    """An element that was read. Paths are names without a namespace, with ``/`` between."""

    __slots__ = ("_element",)

    def __init__(self, element: Any) -> None:
        self._element = element

    @property
    def name(self) -> str:
        """``{namespace}name``, or the name alone where there is no namespace."""
        return str(self._element.tag)

    def children(self) -> tuple[Node, ...]:
        """The elements directly inside."""
        return tuple(Node(child) for child in self._element)

    def find(self, path: str) -> Node | None:
        """The first element at a path."""
        found = self._element.find(path)
        return None if found is None else Node(found)

    def all(self, path: str) -> tuple[Node, ...]:
        """Every element at a path, in the order of the document."""
        return tuple(Node(found) for found in self._element.findall(path))

    def text(self, path: str = ".") -> str:
        """The text of the first element at a path, without space around; empty when not there."""
        return (self._element.findtext(path) or "").strip()

    def attribute(self, name: str) -> str:
        """An attribute's value; empty when there is none."""
        return str(self._element.get(name, "")).strip()

    def texts(self) -> Iterator[str]:
        """Every text inside, in the order of the document."""
        return (str(text).strip() for text in self._element.itertext())


def write(part: Part, prefixes: Mapping[str, str]) -> bytes:
    """Return the bytes of a document; the same part gives the same bytes."""
    root = etree.Element(part.name, dict(part.attributes), nsmap=dict(prefixes))
    _fill(root, part)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=False))


def read(content: bytes) -> Node:
    """Read a document; raise ``NotXml`` for anything that is not plainly one."""
    if len(content) > LARGEST:
        raise NotXml("large")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise NotXml("syntax") from None  # the error quotes the document
    if root.getroottree().docinfo.doctype:
        raise NotXml("doctype")
    return Node(root)


def put_into(content: bytes, place: str, element: Any) -> bytes:
    """Return our own document with an lxml element added at the end of a place in it."""
    root = etree.fromstring(content)
    root.find(place).append(element)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=False))


def element_of(part: Part, prefixes: Mapping[str, str]) -> Any:
    """Return the lxml element of a part, for the library that signs."""
    return etree.fromstring(write(part, prefixes))


def _fill(element: Any, part: Part) -> None:
    if isinstance(part.content, str):
        element.text = part.content
        return
    for inner in part.content:
        _fill(etree.SubElement(element, inner.name, dict(inner.attributes)), inner)
