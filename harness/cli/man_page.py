"""The manual page, made of a grammar: the same words as `--help`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from harness.cli import exit_codes
from harness.cli.grammar import Grammar, GrammarWord

PROGRAM = "harness"
EXIT_CODES = (
    (exit_codes.GOOD, "nothing is wrong: no patch breaks a clause that the stage before it kept"),
    (exit_codes.BAD, "a violation was found, or what was compared differs"),
    (exit_codes.USAGE, "something is wrong with the command line or the input; one line on stderr says what"),
    (exit_codes.UNDECIDED, "no violation was found, but something has no verdict"),
    (exit_codes.CANNOT_TEST, "of check: the stage cannot be tested, so that git bisect run skips it"),
    (exit_codes.CHECK_USAGE, "of check: wrong usage, so that git bisect run stops"),
    (exit_codes.INTERRUPTED, "interrupted"),
)
VARIABLES = (
    ("HARNESS_CACHE_DIR", "where outcomes are kept; if it is empty, none are"),
    ("GITHUB_STEP_SUMMARY", "the file that --github appends a summary to"),
    ("GITHUB_WORKSPACE", "what --github tells the paths of files from"),
)


def man_page(grammar: Grammar) -> str:
    """The whole page in the macros of man(7)."""
    return "\n".join(_lines(grammar)) + "\n"


def _lines(grammar: Grammar) -> Iterator[str]:
    yield f'.TH {PROGRAM.upper()} 1 "" "series-harness {version("series-harness")}" "User Commands"'
    yield from (".SH NAME", rf"{PROGRAM} \- {_text(grammar.description)}")
    yield from (".SH SYNOPSIS", rf".B {PROGRAM}", r"\fICOMMAND\fR [\fIARGUMENT\fR ...]")
    yield ".SH OPTIONS"
    yield from (line for option in grammar.options for line in _word(option))
    yield ".SH COMMANDS"
    for command in grammar.every:
        if command.path and not command.commands:
            yield from _command(command)
    yield ".SH EXIT STATUS"
    yield from (line for code, meaning in EXIT_CODES for line in (".TP", rf".B {code}", _text(meaning)))
    yield ".SH ENVIRONMENT"
    yield from (line for name, meaning in VARIABLES for line in (".TP", rf".B {name}", _text(meaning)))


def _command(command: Grammar) -> Iterator[str]:
    positionals = [rf"\fI{_text(word.metavar)}\fR" if word.needed else rf"[\fI{_text(word.metavar)}\fR]" for word in command.positionals]
    yield f".SS {' '.join([*map(_text, command.path), *positionals])}"
    yield _text(command.description)
    yield from (line for word in (*command.positionals, *command.options) for line in _word(word))


def _word(word: GrammarWord) -> Iterator[str]:
    names = ", ".join(rf"\fB{_text(name)}\fR" for name in word.names)
    value = _text("|".join(word.choices) or word.metavar) if word.metavar else ""
    yield ".TP"
    yield " ".join(filter(None, (names, rf"\fI{value}\fR" if value else "")))
    yield _text(word.help or word.metavar or "no more is said")


def _text(text: str) -> str:
    """Text in which nothing is a request or an escape."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq").replace("`", r"\(ga")
    return rf"\&{escaped}" if escaped.startswith(".") else escaped
