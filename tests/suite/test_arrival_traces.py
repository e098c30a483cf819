"""Recorded device interrupts: what is read, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.suite.arrival_traces import read_trace
from harness.suite.parameters import ParameterError

VFS = {"busy0": 2, "idle0": 1}


def test_times_by_source(tmp_path: Path) -> None:
    """Each VF has its times, none if it does not occur."""
    path = tmp_path / "trace.csv"
    path.write_text("time_us,guest,vf\n10,busy0,1\n10,busy0,0\n25,busy0,1\n")
    assert read_trace(str(path), VFS) == {("busy0", 0): [10], ("busy0", 1): [10, 25], ("idle0", 0): []}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", ":1: the first line is not time_us,guest,vf"),
        ("10,busy0,1\n", ":1: the first line is not time_us,guest,vf"),
        ("time_us,guest,vf\n10,busy0\n", ":2: 2 values, but 3 are needed"),
        ("time_us,guest,vf\n1,busy0,0\n10,busy9,0\n", ":3: no guest 'busy9': choose from busy0, idle0"),
        ("time_us,guest,vf\n10,busy0,2\n", ":2: busy0 has no VF '2': it has 2"),
        ("time_us,guest,vf\n1.5,busy0,0\n", ":2: '1.5' is not a time in whole µs"),
        (f"time_us,guest,vf\n{'9' * 5000},busy0,0\n", f":2: '{'9' * 50}…' is not a time in whole µs, at most 1000000000"),
        (f"time_us,guest,vf\n1,busy0,{'9' * 5000}\n", f":2: busy0 has no VF '{'9' * 50}…': it has 2"),
        ("time_us,guest,vf\n-1,busy0,0\n", ":2: '-1' is not a time"),
        ("time_us,guest,vf\n5,busy0,0\n4,busy0,0\n", ":3: time 4 is before the one above, 5"),
        ("time_us,guest,vf\n\n5,busy0,0\n", ":2: 0 values"),
    ],
)
def test_nonsense(tmp_path: Path, text: str, complaint: str) -> None:
    """The complaint has the file and the line."""
    path = tmp_path / "trace.csv"
    path.write_text(text)
    with pytest.raises(ParameterError) as caught:
        read_trace(str(path), VFS)
    assert str(caught.value).startswith(f"{path}{complaint}")


def test_unreadable(tmp_path: Path) -> None:
    """A file that is missing, or no text, is an error."""
    with pytest.raises(ParameterError, match="cannot be read: No such file"):
        read_trace(str(tmp_path / "none"), VFS)
    (tmp_path / "bytes").write_bytes(b"time_us,guest,vf\n\xff\n")
    with pytest.raises(ParameterError, match="no CSV text"):
        read_trace(str(tmp_path / "bytes"), VFS)
