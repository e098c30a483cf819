"""Directories for a while: there as long as somebody needs them, and gone afterwards, also where whoever needs them is interrupted."""

from __future__ import annotations

import tempfile
from os import PathLike

from harness.stopping import uninterrupted


class ScratchDirectory(tempfile.TemporaryDirectory[str]):
    """A directory that is made, and removed with all that is in it, without interruption: otherwise a part of it would stay."""

    def __init__(self, prefix: str, place: str | PathLike[str]) -> None:
        with uninterrupted():
            super().__init__(prefix=prefix, dir=place)

    def cleanup(self) -> None:
        with uninterrupted():
            super().cleanup()
