"""What parent and workers send each other: pickled objects, each with its length before it.

The parent never waits for the rest of one, and makes nothing but objects of the harness's own classes of what it gets: a stage can write
there too.
"""

from __future__ import annotations

import io
import pickle
import socket
import struct
from collections.abc import Iterator
from typing import Any

HEAD = struct.Struct("<Q")
AT_ONCE = 1 << 18
# Results are small.
LONGEST_FRAME = 1 << 30

# Where the classes come from of which results are made, and what else pickle needs to make one.
TRUSTED = ("harness.", "stages.")
NEEDED = {("builtins", name) for name in ("set", "frozenset", "complex", "range", "slice", "bytearray")} | {
    ("collections", name) for name in ("deque", "Counter", "OrderedDict", "defaultdict")
}


def send(where: socket.socket, value: object) -> None:
    """Send it whole."""
    data = pickle.dumps(value)
    where.sendall(HEAD.pack(len(data)) + data)


def receive(where: socket.socket) -> Any:
    """Wait for the next object; `EOFError` if there will be none."""
    (length,) = HEAD.unpack(_exactly(where, HEAD.size))
    return pickle.loads(_exactly(where, length))


def _exactly(where: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        part = where.recv(min(length - len(data), AT_ONCE))
        if not part:
            raise EOFError
        data += part
    return bytes(data)


class Frames:
    """The parent's side of a socket."""

    def __init__(self, where: socket.socket) -> None:
        self.where = where
        self.rest = bytearray()
        # Whether the other side has closed its end.
        self.ended = False

    def received(self) -> Iterator[Any]:
        """What is complete by now; raises whatever pickle does of what is no object."""
        self._take_in()
        while len(self.rest) >= HEAD.size:
            (length,) = HEAD.unpack_from(self.rest)
            if length > LONGEST_FRAME:
                raise pickle.UnpicklingError("no result is that long")
            if len(self.rest) < HEAD.size + length:
                return
            data = bytes(self.rest[HEAD.size : HEAD.size + length])
            del self.rest[: HEAD.size + length]
            yield _Careful(io.BytesIO(data)).load()

    def _take_in(self) -> None:
        try:
            while part := self.where.recv(AT_ONCE, socket.MSG_DONTWAIT):
                self.rest += part
            self.ended = True
        except BlockingIOError:
            return
        except OSError:
            self.ended = True


class _Careful(pickle.Unpickler):
    """Makes no objects of classes that results are not made of."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module.startswith(TRUSTED) or (module, name) in NEEDED else None
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a result")
        return found
