"""Directories for a while go, also where whoever needs them is interrupted again and again."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path

import pytest

from harness.scratch import ScratchDirectory
from tests.hearing import hearing


def test_it_goes_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal that comes while it is removed waits for that."""
    unlink = shutil.os.unlink

    def unlink_interrupted(*arguments: object, **named: object) -> None:
        signal.raise_signal(signal.SIGTERM)
        time.sleep(0)
        unlink(*arguments, **named)  # type: ignore[arg-type]

    with hearing(), pytest.raises(KeyboardInterrupt), ScratchDirectory("some-", tmp_path) as name:  # noqa: PT012
        for file in ("a", "b"):
            Path(name, file).touch()
        monkeypatch.setattr(shutil.os, "unlink", unlink_interrupted)
    assert list(tmp_path.iterdir()) == []
