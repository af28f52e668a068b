"""Rows of a Parquet file: the only module that knows pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
from pyarrow.parquet import ParquetFile

from kiosk.service.central.connectors.ocmw.flaws import Flaws

_ROWS_AT_ONCE: Final = 2000


def parquet_rows(
    path: Path, columns: Sequence[str], flaws: Flaws
) -> Iterator[tuple[int, Sequence[object]]]:
    """Read the columns of every row, from row 1 on; what cannot be read is a flaw."""
    row = 0
    try:
        with ParquetFile(path) as file:
            names = file.schema_arrow.names
            for name in columns:
                if names.count(name) != 1:
                    flaws.add("is not one of the columns", column=name)
            if flaws.count:
                return
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=list(columns)):
                told = [batch.column(name).to_pylist() for name in columns]
                for values in zip(*told, strict=True):
                    row += 1
                    yield row, values
    except (pa.ArrowException, OSError, ValueError):
        flaws.add("the file is not Parquet, or not whole", row + 1 if row else None)
