"""Where what is kept lies, and who decides that."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import cache_place
from harness.cache_place import VARIABLE, CacheBroken, cache_directory


def test_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the platform wants caches, or where the variable says; nowhere if that is empty."""
    monkeypatch.setenv(VARIABLE, "there")
    assert cache_directory() == Path.cwd() / "there"
    monkeypatch.setenv(VARIABLE, "")
    assert cache_directory() is None
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/empty")
    assert cache_directory() == Path("/var/empty/series-harness/outcomes")
    monkeypatch.setattr(cache_place, "user_cache_path", lambda name, **_: Path("~") / name)
    with pytest.raises(CacheBroken, match="has no place"):
        cache_directory()
