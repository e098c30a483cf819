"""The documents about the series that ship, on a narrow terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.report.narrow_markdown import narrowed

POSTED = Path(__file__).parents[2] / "stages" / "posted"
DOCUMENT = """\
# Heading

> A sentence that is quoted and goes on.

A paragraph that
goes on, too.

| clause     | what happens                                 |
|------------|----------------------------------------------|
| [a](#a)    | this \\| that, which is long, and &lt;lambda> |

```text
what stands between fences stays as it is

whatever there is
```
- one thing, and then another one
- more
"""


def test_what_becomes_of_each_part() -> None:
    """Paragraphs are filled, quotes stay quotes, a table is one for a terminal, and fences are not touched."""
    assert (
        narrowed(DOCUMENT, 30)
        == """\
# Heading

> A sentence that is quoted
> and goes on.

A paragraph that
goes on, too.

clause    what happens
--------  ------------------
a         this | that, which
          is long, and
          <lambda>

```text
what stands between fences stays as it is

whatever there is
```
- one thing, and then another one
- more
"""
    )


@pytest.mark.parametrize("name", ["FINDINGS.md", "ARM.md"])
@pytest.mark.parametrize("room", [60, 80])
def test_the_documents_that_ship(name: str, room: int) -> None:
    """No line outside of fences is too wide, but for replay strings; with room enough, they are what is in the file."""
    document = (POSTED / name).read_text(encoding="utf-8")
    outside = [line for number, part in enumerate(narrowed(document, room).split("```")) if number % 2 == 0 for line in part.splitlines()]
    assert all(len(line) <= room or line.startswith("h2/") for line in outside)
    assert narrowed(document, 10_000) == document
