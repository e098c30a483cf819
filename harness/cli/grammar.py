"""The grammar of a command line as plain data, read from the parsers: what completions and the manual page are made of."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

# What a word may be: a file, a directory; for all others there is nothing to look for.
FILE, DIRECTORY = "file", "directory"
FILES = {"FILE", "MODULE", "NAME|FILE", "PATH", "V1", "V2"}
DIRECTORIES = {"DIR"}
BOTH = {"NAME|DIR": DIRECTORY}


@dataclass(frozen=True)
class GrammarWord:
    """An option with its names, or a positional argument without any; `metavar` is empty for an option that takes nothing."""

    names: tuple[str, ...]
    metavar: str
    help: str
    choices: tuple[str, ...] = ()
    # Whether it may be given again, or takes several words.
    several: bool = False
    needed: bool = False

    @property
    def looks_for(self) -> str:
        """`FILE`, `DIRECTORY`, or nothing."""
        return FILE if self.metavar in FILES else DIRECTORY if self.metavar in DIRECTORIES else BOTH.get(self.metavar, "")


@dataclass(frozen=True)
class Grammar:
    """A command with its arguments, or a group of commands. `path`: its words behind the name of the program; none for the program."""

    path: tuple[str, ...]
    summary: str
    description: str
    options: tuple[GrammarWord, ...]
    positionals: tuple[GrammarWord, ...]
    commands: tuple[Grammar, ...] = ()

    @property
    def every(self) -> Iterator[Grammar]:
        """The grammar itself, and all within it."""
        yield self
        for command in self.commands:
            yield from command.every


def grammar_of(parser: argparse.ArgumentParser, path: tuple[str, ...] = (), summary: str = "") -> Grammar:
    """Read a parser, and those of its commands."""
    commands: list[Grammar] = []
    options: list[GrammarWord] = []
    positionals: list[GrammarWord] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            summaries = {choice.dest: choice.help or "" for choice in action._choices_actions}
            commands += [grammar_of(each, (*path, name), summaries.get(name, "")) for name, each in action.choices.items()]
        else:
            (options if action.option_strings else positionals).append(_word(action, parser))
    return Grammar(path, summary, " ".join((parser.description or summary).split()), tuple(options), tuple(positionals), tuple(commands))


def _word(action: argparse.Action, parser: argparse.ArgumentParser) -> GrammarWord:
    takes = action.nargs != 0
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    choices = tuple(map(str, action.choices or ()))
    # As `--help` shows it, defaults put in, which is what `formatter` does.
    said = parser._get_formatter()._expand_help(action) if action.help else ""
    several = action.nargs in ("*", "+") or isinstance(action, argparse._AppendAction | argparse._ExtendAction)
    needed = not action.option_strings and action.nargs not in ("?", "*")
    return GrammarWord(tuple(action.option_strings), metavar if takes else "", " ".join(said.split()), choices, several, needed)
