"""The litmus files of the tests, and files made of a few words."""

from __future__ import annotations

from pathlib import Path

from harness.litmus.files.litmus_file import LitmusFile, parse_litmus, read_litmus

FILES = {path.stem: path for path in sorted((Path(__file__).parent / "files").glob("*.litmus"))}

PARAMETERS = "int *x, int *y, int **p, spinlock_t *s, atomic_t *a"


def file_called(name: str) -> LitmusFile:
    """One of the files."""
    return read_litmus(str(FILES[name]))


def text_with(body: str, condition: str = "exists (x=1)", initial: str = "{}", parameters: str = PARAMETERS) -> str:
    """The text of a file with one process: what it does is on line 4, the condition on line 6."""
    return f"C test\n{initial}\nP0({parameters}) {{ int r0; int r1;\n{body}\n}}\n{condition}\n"


def one_process(body: str, condition: str = "exists (x=1)", initial: str = "{}", parameters: str = PARAMETERS) -> LitmusFile:
    """The same as a file."""
    return parse_litmus(text_with(body, condition, initial, parameters))
