"""Names for places on a page, which links lead to: readable, safe in any attribute, and each given once."""

from __future__ import annotations

import re

NO_WORD = re.compile("[^A-Za-z0-9_-]+")


class Anchors:
    """Gives out names; the same requests in the same order give the same names."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of(self, *words: object) -> str:
        """A name that has these words in it; it begins with a letter if the first one does."""
        name = "-".join(NO_WORD.sub("-", str(word)).strip("-") for word in words)
        number = 1
        while (anchor := name if number == 1 else f"{name}-{number}") in self._given:
            number += 1
        self._given.add(anchor)
        return anchor
