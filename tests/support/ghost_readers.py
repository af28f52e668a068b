"""A PC/SC service that lists readers which are not there, as remote desktops do."""

from __future__ import annotations

from smartcard import scard as real

from tests.support.fake_scard import OK, Asked, FakeScard, States

WAYS = ("unknown", "unavailable", "told at once")
"""How a question about all readers ends when one of them is such a one."""


class HauntedScard(FakeScard):
    """Lists ``ghosts`` as well, and answers questions about them in one of the ``WAYS``."""

    def __init__(self, *names: str, way: str, windows: bool = False) -> None:
        super().__init__(*names, windows=windows)
        self.ghosts: list[str] = []
        self._way = way

    def SCardListReaders(self, context: int, groups: list[str]) -> tuple[int, list[str]]:  # noqa: N802 - the module's own name
        result, names = super().SCardListReaders(context, groups)
        found = [*names, *self.ghosts]
        return (OK if found else result), found

    def SCardGetStatusChange(  # noqa: N802 - the module's own name
        self, context: int, milliseconds: int, asked: Asked
    ) -> tuple[int, States]:
        haunted = [(name, known) for name, known in asked if name in self.ghosts]
        if not haunted:
            return super().SCardGetStatusChange(context, milliseconds, asked)
        self._enter("SCardGetStatusChange", context, milliseconds, list(asked))
        if self._way == "told at once":
            told = real.SCARD_STATE_UNKNOWN | real.SCARD_STATE_IGNORE | real.SCARD_STATE_CHANGED
            return OK, [(name, told if name in self.ghosts else 0, []) for name, _ in asked]
        unknown = self._way == "unknown"
        result = real.SCARD_E_UNKNOWN_READER if unknown else real.SCARD_E_READER_UNAVAILABLE
        return self._signed(result), self._nothing(asked)
