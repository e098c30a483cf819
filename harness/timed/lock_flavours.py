"""The spinlock flavours that the timed engine has, by the names that the command line knows.

How they work and what they cost: `ttas`, `queue_locks`, and for what is common to them `lock_state`.
"""

from __future__ import annotations

from harness.timed.lock_state import Flavour
from harness.timed.queue_locks import Mcs, Ticket
from harness.timed.ttas import Ttas

FLAVOURS: dict[str, type[Flavour]] = {"ttas": Ttas, "ticket": Ticket, "mcs": Mcs}
