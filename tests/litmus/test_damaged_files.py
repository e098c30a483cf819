"""Litmus files that end too early, or with words that are missing, doubled or others: an error with a line, and never anything else."""

from __future__ import annotations

import random
import re

import pytest

from harness.explored.models import SC, TSO
from harness.litmus.files.litmus_error import LitmusError
from harness.litmus.files.litmus_file import LitmusFile, parse_litmus
from harness.litmus.files.outcomes import judge_file
from tests.litmus.litmus_files import FILES

TEXTS = {name: path.read_text(encoding="utf-8") for name, path in FILES.items()}
PARTS = re.compile(r"\s+|\w+|[^\w\s]")
STRANGE = (
    *("*", "&", "(", "}", "{", "~", "/*", "(*", "//", "0x", "09", "9" * 30, '"a"', "\x00", "é"),
    *("if", "else", "P0", "rcu_read_lock", "lambda", "None"),
)
# So many damaged files are made.
DAMAGED = 200


def parsed(text: str) -> LitmusFile | None:
    """The file, if it is one; if not, the message is a line about a line that there is."""
    try:
        return parse_litmus(text)
    except LitmusError as found:
        error = found
    assert "\n" not in str(error)
    assert 1 <= error.line <= text.count("\n") + 1
    return None


@pytest.mark.parametrize("name", FILES)
def test_files_that_end_too_early(name: str) -> None:
    """Behind every other word: none of them has its whole condition, so none is a file."""
    text = TEXTS[name]
    ends = [found.end() for found in PARTS.finditer(text.rstrip())][:-1:2]
    assert not any(parsed(text[:end]) for end in ends)


def test_files_with_other_words() -> None:
    """What is still a file is executed, which may tell that its values make no sense."""
    rng = random.Random(0)
    runs = sum(damaged(rng) for _ in range(DAMAGED))
    assert DAMAGED / 20 < runs < DAMAGED / 2


def damaged(rng: random.Random) -> bool:
    """Whether a file with another word, or two, could be executed."""
    parts = PARTS.findall(rng.choice(list(TEXTS.values())))
    for _ in range(rng.randint(1, 2)):
        at = rng.randrange(len(parts))
        parts[at] = rng.choice(["", parts[at] * 2, rng.choice(parts), rng.choice(STRANGE)])
    file = parsed("".join(parts))
    try:
        return file is not None and all(judge_file(file, model, 20) for model in (SC, TSO))
    except LitmusError as error:
        return error.line < 1
