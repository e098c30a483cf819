"""Has this process hear SIGTERM as `harness` does, for as long as a test needs that."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from harness.stopping import Stopping


@contextmanager
def hearing(stopping: Stopping | None = None) -> Iterator[None]:
    """Be interrupted by SIGTERM."""
    before = signal.signal(signal.SIGTERM, (stopping or Stopping()).interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
