"""Which code a frame belongs to, told by where its file really is: a folder that is only called alike does not count."""

from __future__ import annotations

import os


class CodePlaces:
    """Files, and directories with all that is below them. `frame.f_code.co_filename in places` tells whether the code is from there."""

    def __init__(self, *places: str) -> None:
        self._places: list[str] = []
        # By the name of a code object's file: the same few are asked for again and again.
        self._known: dict[str, bool] = {}
        for place in places:
            self.add(place)

    def add(self, place: str) -> None:
        """Count a file, or a directory, in; of a package, its `__init__.py` stands for the directory."""
        head, name = os.path.split(os.path.realpath(place))
        self._places.append(head if name == "__init__.py" else os.path.join(head, name))
        self._known.clear()

    def __contains__(self, filename: str) -> bool:
        found = self._known.get(filename)
        if found is None:
            found = self._known[filename] = self._look(filename)
        return found

    def _look(self, filename: str) -> bool:
        # (Code without a file is called `<string>` and the like.)
        path = "" if filename.startswith("<") else os.path.realpath(filename)
        return any(path == place or path.startswith(place + os.sep) for place in self._places)
