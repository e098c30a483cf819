"""How an execution is shown: how wide, how much of it, and whether in colours."""

from __future__ import annotations

from dataclasses import dataclass

# What is no wider than that is readable everywhere.
NARROW = 80
# So many rows are shown where somebody did not ask for this very execution.
AT_ONCE = 60


@dataclass(frozen=True)
class Looks:
    """`width`: columns; None is as many as it takes. `everything`: neither the common set-up nor the machine's own work is folded.

    `most`: so many rows are shown, and None is all. `tablefmt`: of tabulate; any but the default is a table, however wide.
    """

    width: int | None = None
    everything: bool = False
    colour: bool = False
    most: int | None = None
    tablefmt: str = "simple"


PLAIN = "simple"
# For whatever is no terminal: readable everywhere.
EVERYWHERE = Looks(NARROW)


class Paint:
    """Puts text in colours, or leaves it as it is."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def _in(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self.colour and text else text

    def strong(self, text: str) -> str:
        """A name, or what stands out."""
        return self._in("1", text)

    def bad(self, text: str) -> str:
        """What is wrong."""
        return self._in("1;31", text)

    def cause(self, text: str) -> str:
        """A row with a star."""
        return self._in("33", text)

    def faint(self, text: str) -> str:
        """What matters less."""
        return self._in("2", text)
