"""Words whose bits a file names: what it says is taken over, and written again the same way."""

from __future__ import annotations

import pytest

from harness.machine.named_bits import WordNames
from harness.sources.named_words import named_words, written_words
from harness.sources.safe_git import NoSource
from harness.sources.toml_values import TomlTable

WHOLE = """
[[word]]
name = "*.state"
masks = ["RUN", "SCHED"]
bits = ["DEAD_BIT"]
cpu-from = "CPU_SHIFT"
cpu-if = "SCHED"
prefix = "WORK_"
suffix = "_BIT"

[[word]]
name = "owner[*]"
is-cpu = true
"""
WORDS = (
    WordNames(r".*\.state", ("RUN", "SCHED"), ("DEAD_BIT",), "CPU_SHIFT", "SCHED", prefix="WORK_", suffix="_BIT"),
    WordNames(r"owner\[.*\]", is_cpu=True),
)


def said(text: str) -> tuple[WordNames, ...]:
    """What a document says."""
    return named_words(TomlTable.of(text.encode(), "series.toml"))


def test_everything_that_it_may_say() -> None:
    """A star is anything; what else is written in a name is itself."""
    assert said(WHOLE) == WORDS
    assert said("") == ()


def test_what_is_written_is_the_same() -> None:
    """An exported series names the same bits."""
    assert said(written_words(WORDS)) == WORDS
    assert written_words(()) == ""


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("word = 5", "series.toml: word is 5, and has to be a list of tables: begin each with [[word]]"),
        ("[[word]]\nmask = []", "series.toml: unknown key 'word.mask': choose from name, masks, bits, "),
        ("[[word]]\nmasks = ['A']", "series.toml: word.name is missing: what counterexamples call the word"),
        ("[[word]]\nname = 'x'", "series.toml: word.x names nothing: say masks, bits, or is-cpu = true"),
        ("[[word]]\nname = 'x'\nmasks = 'A'", "series.toml: word.masks is 'A', and has to be a list of texts"),
        ("[[word]]\nname = 'x'\nis-cpu = 1", "series.toml: word.is-cpu is 1, and has to be true or false"),
        ("[[word]]\nname = 'x'\nmasks = ['A']\ncpu-if = 'A'", "series.toml: word.x has cpu-if without cpu-from"),
    ],
)
def test_what_is_wrong_is_said(text: str, complaint: str) -> None:
    """The file, the key, and what would be right."""
    with pytest.raises(NoSource) as raised:
        said(text)
    assert str(raised.value).startswith(complaint)
