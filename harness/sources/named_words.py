"""`[[word]]` of `series.toml` and `harness.toml`: which constants of a stage in C name the bits of a word, in counterexamples.

What a stage does not have of them is left out, as stages of one series need not all have the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from harness.machine.named_bits import WordNames
from harness.sources.safe_git import NoSource
from harness.sources.toml_values import TomlTable

WORD_KEY = "word"
KEYS = ("name", "masks", "bits", "cpu-from", "cpu-if", "is-cpu", "prefix", "suffix")


def named_words(document: TomlTable) -> tuple[WordNames, ...]:
    """What the tables say, in their order; raises `NoSource`."""
    return tuple(map(_named_word, document.tables(WORD_KEY)))


def _named_word(table: TomlTable) -> WordNames:
    table.require_keys(KEYS)
    if not table.text("name"):
        raise NoSource(f'{table.name}: {table.inner}name is missing: what counterexamples call the word, such as "*.state"')
    found = WordNames(
        ".*".join(map(re.escape, table.text("name").split("*"))),
        table.texts("masks"),
        table.texts("bits"),
        table.text("cpu-from"),
        table.text("cpu-if"),
        table.flag("is-cpu"),
        table.text("prefix"),
        table.text("suffix"),
    )
    if not (found.masks or found.bits or found.is_cpu):
        raise NoSource(f"{table.name}: {table.inner}{table.text('name')} names nothing: say masks, bits, or is-cpu = true")
    if bool(found.cpu_from) != bool(found.cpu_if):
        one, other = ("cpu-from", "cpu-if") if found.cpu_from else ("cpu-if", "cpu-from")
        raise NoSource(f"{table.name}: {table.inner}{table.text('name')} has {one} without {other}: the CPU is there if that bit is set")
    return found


def written_words(words: Sequence[WordNames]) -> str:
    """The same as TOML again, whose texts are written as in JSON."""
    return "".join(f"\n[[{WORD_KEY}]]\n{_written(word)}" for word in words)


def _written(word: WordNames) -> str:
    name = re.sub(r"\\(.)", r"\1", word.cells.replace(".*", "*"))
    values = (name, word.masks, word.bits, word.cpu_from, word.cpu_if, word.is_cpu, word.prefix, word.suffix)
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in zip(KEYS, values, strict=True) if value)
