"""A search of another process's memory, as root can do it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def found_in_memory(pid: int, forms: Iterable[bytes]) -> dict[str, int]:
    """Return how often each form that is there at all is in the writable memory of a process.

    What cannot be written holds code and files, and nothing of a visit.
    """
    counted = dict.fromkeys(forms, 0)
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            area, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            start, end = (int(part, 16) for part in area.split("-"))
            memory.seek(start)
            try:
                content = memory.read(end - start)
            except OSError:
                continue  # of a device
            for form in counted:
                counted[form] += content.count(form)
    return {form.hex(" "): number for form, number in counted.items() if number}
