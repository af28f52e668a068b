"""The rows of a list in a file, one after the other: CSV here, Parquet next door."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from kiosk.service.central.connectors.ocmw.flaws import Flaws

_DELIMITERS: Final[Mapping[str, str]] = {"tab": "\t"}
_LONGEST_LINE: Final = 1 << 16
_PARQUET: Final = ".parquet"

Rows = Iterator[tuple[int, Sequence[object]]]
"""Number and values of each row that could be read."""


def rows_of(path: Path, columns: Sequence[str], delimiter: str, flaws: Flaws) -> Rows:
    """Read the columns of every row; what cannot be read is a flaw."""
    if path.suffix.lower() == _PARQUET:
        # The library takes a while to load, and the bundles are without it.
        from kiosk.service.central.connectors.ocmw import parquet  # noqa: PLC0415  # it is large

        return parquet.parquet_rows(path, columns, flaws)
    return _csv_rows(path, columns, _DELIMITERS.get(delimiter, delimiter), flaws)


def _csv_rows(path: Path, columns: Sequence[str], delimiter: str, flaws: Flaws) -> Rows:
    row = 0
    try:
        with path.open("rb") as file:
            reader = csv.reader(_lines(file), delimiter=delimiter, strict=True)
            heading = [name.strip() for name in next(reader, [])]
            row = 1
            if not _has_all(heading, columns, flaws):
                return
            places = [heading.index(name) for name in columns]
            for row, values in enumerate(reader, 2):
                if len(values) == len(heading):
                    yield row, [values[place].strip() for place in places]
                elif values:
                    flaws.add("has not as many fields as the heading", row)
    except UnicodeDecodeError:
        flaws.add("is not UTF-8; what comes after it was not looked at", row + 1)
    except csv.Error:
        flaws.add("is not CSV; what comes after it was not looked at", row + 1)
    except OSError:
        flaws.add("the file cannot be read")


def _lines(file: BinaryIO) -> Iterator[str]:
    """Decode line by line, so that the row of a wrong byte is known."""
    line = file.readline(_LONGEST_LINE).removeprefix(codecs.BOM_UTF8)
    while line:
        yield line.decode("utf-8")
        line = file.readline(_LONGEST_LINE)


def _has_all(heading: Sequence[str], columns: Sequence[str], flaws: Flaws) -> bool:
    """Names of the file are never told: without a heading they are somebody's data."""
    for name in columns:
        if heading.count(name) != 1:
            many = "more than once" if name in heading else "not"
            flaws.add(f"stands {many} in the heading (is the delimiter right?)", column=name)
    return not flaws.count
