"""The format of tables, together with how wide they may be."""

from __future__ import annotations

from typing import Self

from harness.report.looks import PLAIN


class TableFormat(str):
    """The name of a table format of tabulate that knows how many columns there are where the table is shown.

    A plain string is a format as well: one that knows of no limit.
    """

    __slots__ = ("width",)
    width: int | None

    def __new__(cls, name: str, width: int | None = None) -> Self:
        made = super().__new__(cls, name)
        made.width = width
        return made


def room_of(tablefmt: str) -> int | None:
    """How many columns a text may have; None: as many as it takes. Only what is for people to read is made to fit."""
    return tablefmt.width if isinstance(tablefmt, TableFormat) and tablefmt == PLAIN else None
