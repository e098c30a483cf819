"""The pool of greenlets that the processes of the explored engine run in: making one costs more than a dozen operations."""

from __future__ import annotations

import threading

from greenlet import GreenletExit, getcurrent, greenlet


class _Idle(threading.local):
    """Greenlets without work, for each thread."""

    def __init__(self) -> None:
        self.greenlets: list[greenlet] = []


_idle = _Idle()


def idle_greenlets() -> list[greenlet]:
    """The pool of this thread."""
    return _idle.greenlets


def worker(hub: greenlet, pool: list[greenlet]) -> greenlet:
    """Return a greenlet that runs the process it is switched to with, `(engine, process)`, and goes back to the engine's pool then."""
    while pool:
        glet = pool.pop()
        if not glet.dead:
            return glet
    glet = greenlet(_work, hub)
    glet.switch()
    return glet


def _work() -> None:
    me = getcurrent()
    hub = me.parent
    assert hub is not None
    try:
        engine, process = hub.switch()
        while True:
            engine._main(process)
            process.glet = None
            engine._pool.append(me)
            engine, process = engine._hand_over()
    except GreenletExit:
        return
