"""What a terminal shows of what was written to it: as much of one as the harness makes use of."""

from __future__ import annotations

import re

# Text, or a control sequence, or a control character.
PIECES = re.compile(
    r"\033\[(?P<numbers>[0-9;?]*)(?P<letter>[A-Za-z])|(?P<control>[\r\n\b])|(?P<text>[^\033\r\n\b]+)|(?P<other>.)", re.DOTALL
)


class Screen:
    """A terminal of so many columns. `lines` are all that it has shown, those that have gone off its top, too."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.lines = [""]
        self.row = self.column = 0
        self.cursor_shown = True
        # The widest that anything has been.
        self.widest = 0

    def write(self, text: str) -> Screen:
        """Show what is written; fails for what it does not understand."""
        for piece in PIECES.finditer(text):
            assert piece["other"] is None, repr(piece["other"])
            if piece["text"]:
                for letter in piece["text"]:
                    self._put(letter)
            elif piece["control"]:
                self._move(piece["control"])
            else:
                self._obey(piece["letter"], piece["numbers"])
        return self

    def _put(self, letter: str) -> None:
        if self.column == self.columns:
            self._move("\n")
        line = self.lines[self.row].ljust(self.column)
        self.lines[self.row] = line[: self.column] + letter + line[self.column + 1 :]
        self.column += 1
        self.widest = max(self.widest, self.column)

    def _move(self, control: str) -> None:
        if control == "\n":
            self.row += 1
            self.lines += [""] * (self.row == len(self.lines))
        # A terminal makes of a new line one that begins at its left.
        self.column = max(self.column - 1, 0) if control == "\b" else 0

    def _obey(self, letter: str, numbers: str) -> None:
        if letter == "A":
            self.row = max(self.row - int(numbers or 1), 0)
        elif letter == "K":
            assert numbers in ("", "0", "2")
            self.lines[self.row] = self.lines[self.row][: 0 if numbers == "2" else self.column]
        elif letter == "J":
            assert numbers in ("", "0")
            self.lines[self.row :] = [self.lines[self.row][: self.column]]
        elif letter in "hl":
            assert numbers == "?25"
            self.cursor_shown = letter == "h"
        else:
            # Colours.
            assert letter == "m", letter

    @property
    def text(self) -> str:
        """All that is shown."""
        return "\n".join(line.rstrip() for line in self.lines).rstrip("\n")
