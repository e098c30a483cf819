"""The file of accepted changes: what is in it, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.accepted import accepted_in
from harness.cli.exit_codes import UsageError
from harness.sources.shipped import shipped_series
from harness.suite.registry import suite_named
from stages import FIXED
from stages.api import AcceptedChange

SUITE = suite_named("tasklets")
SHIPPED = shipped_series(FIXED)
WHOLE = 'clause = "fifo"\nkinds = ["softirq", "vcpu"]\npatch = 2\nwhy = """It\n must be."""\n'


def test_a_file_of_accepted_changes(tmp_path: Path) -> None:
    """Tables become records; the reason is one line. No file, no changes."""
    path = tmp_path / "accepted.toml"
    path.write_text(f"[[accepted]]\n{WHOLE}", encoding="utf-8")
    assert accepted_in(str(path), SUITE, SHIPPED) == (AcceptedChange("fifo", ("softirq", "vcpu"), 2, "It must be."),)
    path.write_text(f"[[accepted]]\n{WHOLE}programs = ['order-of-hypercall']", encoding="utf-8")
    assert accepted_in(str(path), SUITE, SHIPPED)[0].programs == ("order-of-hypercall",)
    assert accepted_in(str(path), SUITE) == accepted_in(str(path), SUITE, SHIPPED)
    path.write_text("", encoding="utf-8")
    assert accepted_in(str(path), SUITE, SHIPPED) == accepted_in(None, SUITE, SHIPPED) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "cannot read "),
        ("nonsense = 1", "unknown key 'nonsense': only [[accepted]] tables are known"),
        ("[accepted]\nclause = 1", "accepted is no list of tables: begin each with [[accepted]]"),
        (f"[[accepted]]\n{WHOLE}more = 1", "unknown key 'more': choose from clause, kinds, patch, why, programs"),
        (f"[[accepted]]\n{WHOLE}programs = ['x']", "fifo has no program 'x': choose from order-of-hypercall, "),
        ("[[accepted]]\nclause = 'fifo'", "an accepted change needs kinds"),
        (f"[[accepted]]\n{WHOLE.replace('fifo', 'lifo')}", "unknown clause 'lifo': choose from exactly-once, "),
        (f"[[accepted]]\n{WHOLE.replace('vcpu', 'hard')}", "fifo has no kind 'hard': choose from softirq, "),
        ('[[accepted]]\nclause = "fifo"\nkinds = "vcpu"\npatch = 1\nwhy = "w"', "kinds of fifo is a list: softirq, "),
        (f"[[accepted]]\n{WHOLE.replace('= 2', '= 0')}", "unknown patch 0: series fixed has 1, 2, 3, 4, 5"),
        (f"[[accepted]]\n{WHOLE.replace('= 2', '= true')}", "unknown patch True: "),
        (f"[[accepted]]\n{WHOLE.replace('must be.', '').replace('It', '')}", "why is fifo accepted? `why` is a sentence"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    """It names the file and what is possible."""
    path = tmp_path / "accepted.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        accepted_in(str(path), SUITE, SHIPPED)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    """The system's reason is the reason."""
    with pytest.raises(UsageError, match=r"cannot read .*missing\.toml: No such file or directory"):
        accepted_in(str(tmp_path / "missing.toml"), SUITE, SHIPPED)
