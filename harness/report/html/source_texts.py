"""The sources that executions go through, once for the page: data that a script shows beside the rows, and that nothing executes."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from markupsafe import Markup

from harness.report.html.visible_text import visible
from harness.sources.target import Target

LINE_END = re.compile("\r\n|\r|\n")
# What could end the element that the data stands in, or begin another one. (What is not ASCII is escaped anyway.)
UNSAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}
# As many characters of a hash tell the files of a page apart.
KEY = 12


@dataclass(frozen=True)
class SourceText:
    """A file by the name that rows call it by; `key` is its name on the page: the same file of several stages has the same one."""

    name: str
    key: str
    lines: tuple[str, ...] = field(repr=False)


def source_texts(target: Target) -> tuple[SourceText, ...]:
    """The files of a stage. Rows name no directory: of two files with the same name nobody could tell which one they mean."""
    files = [(target.path, target.source), *target.beside] if not target.problem else []
    names = Counter(_name(path) for path, _ in files)
    return tuple(source_text(_name(path), content) for path, content in files if names[_name(path)] == 1)


def names_of(target: Target) -> set[str]:
    """What rows may call the files of a stage."""
    return {_name(target.path), *(_name(path) for path, _ in target.beside)}


def sources_data(used: Iterable[SourceText]) -> Markup:
    """What stands in the page, by key: JSON that is safe in a `<script>` element."""
    by_key = {each.key: each.lines for each in used}
    return Markup(json.dumps(by_key, sort_keys=True, separators=(",", ":")).translate(UNSAFE))


def _name(path: str) -> str:
    return visible(path.rpartition("/")[2])


def source_text(name: str, content: bytes) -> SourceText:
    """A file of that name."""
    key = hashlib.sha256(name.encode("utf-8", "surrogatepass") + b"\0" + content).hexdigest()[:KEY]
    return SourceText(name, key, tuple(map(visible, LINE_END.split(content.decode("utf-8", "replace")))))
