"""What a stage prints is kept, up to a bound."""

from __future__ import annotations

import sys

from harness.jobs.printed import CUT_OFF, LIMIT_BYTES, captured


def test_both_streams_are_kept_in_order() -> None:
    """With whatever characters, and as bytes too."""
    with captured() as printed:
        print("ä\udc80", end="")
        print("err", file=sys.stderr)
        sys.stdout.buffer.write(b"bytes")
    assert printed.text() == "ä\\udc80err\nbytes"


def test_the_bound() -> None:
    """The beginning is kept, and it is said that there was more."""
    with captured() as printed:
        for _ in range(LIMIT_BYTES):
            print("xyz")
    assert printed.text() == "xyz\n" * (LIMIT_BYTES // 4) + CUT_OFF
