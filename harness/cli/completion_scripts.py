"""Scripts that complete the words of a command line in bash, zsh and fish, made of a grammar."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence

from harness.cli.grammar import DIRECTORY, FILE, Grammar, GrammarWord

PROGRAM = "harness"
# What words may be, by the option that they follow, or by their metavariable.
Values = Mapping[str, Sequence[str]]


def values_of(word: GrammarWord, values: Values) -> tuple[str, ...]:
    """What a word may be, as far as that is known."""
    known = next((values[name] for name in (*word.names, word.metavar) if name in values), ())
    return word.choices or tuple(known)


# bash

BASH = """\
# Completion of {program} for bash: `source` this, or put it where bash-completion finds it.
_{program}() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} path="" at values="" files="" options=""
    for ((at = 1; at < COMP_CWORD; at++)); do
        case "$path ${{COMP_WORDS[at]}}" in
{paths}
        esac
    done
    case "$path" in
{commands}
    esac
    case "$path $prev" in
{arguments}
    esac
    if [[ $cur == -* ]]; then values=$options files=""; fi
    COMPREPLY=($(compgen -W "$values" -- "$cur"))
    if [[ $files == file ]]; then COMPREPLY+=($(compgen -f -- "$cur")); fi
    if [[ $files == directory ]]; then COMPREPLY+=($(compgen -d -- "$cur")); fi
}}
complete -o filenames -F _{program} {program}
"""


def bash(grammar: Grammar, values: Values) -> str:
    """For `source` in bash."""
    every = list(grammar.every)
    paths = [f'            "{_key(each.path[:-1])} {each.path[-1]}") path="{_key(each.path)}" ;;' for each in every if each.path]
    commands = [_bash_command(each, values) for each in every]
    arguments = [line for each in every for word in each.options if word.metavar and (line := _bash_argument(each, word, values))]
    parts = {"paths": paths, "commands": commands, "arguments": arguments}
    return BASH.format(program=PROGRAM, **{name: "\n".join(lines) for name, lines in parts.items()})


def _key(path: Sequence[str]) -> str:
    return "".join(f"/{word}" for word in path)


def _bash_command(grammar: Grammar, values: Values) -> str:
    names = [name for word in grammar.options for name in word.names]
    offered = [each.path[-1] for each in grammar.commands] + [value for word in grammar.positionals for value in values_of(word, values)]
    files = next((word.looks_for for word in grammar.positionals if word.looks_for), "")
    sets = f"values={shlex.quote(' '.join(offered))} files={files} options={shlex.quote(' '.join(names))}"
    return f'        "{_key(grammar.path)}") {sets} ;;'


def _bash_argument(grammar: Grammar, word: GrammarWord, values: Values) -> str:
    patterns = "|".join(f'"{_key(grammar.path)} {name}"' for name in word.names)
    return f"        {patterns}) values={shlex.quote(' '.join(values_of(word, values)))} files={word.looks_for} ;;"


# zsh

ZSH = """\
#compdef {program}
# Completion of {program} for zsh: put it as `_{program}` into a directory of $fpath, or `source` it after compinit.
{functions}
if [ "$funcstack[1]" = "_{program}" ]; then _{program} "$@"; else compdef _{program} {program}; fi
"""
ZSH_GROUP = """\
{function}() {{
    local line state
    _arguments -C {options} '1: :->command' '*:: :->rest'
    case $state in
        command) local -a commands=({commands}); _describe command commands ;;
        rest) case $line[1] in
{cases}
        esac ;;
    esac
}}
"""


def zsh(grammar: Grammar, values: Values) -> str:
    """For a directory of zsh's `fpath`."""
    functions = [_zsh_function(each, values) for each in grammar.every]
    return ZSH.format(program=PROGRAM, functions="\n".join(reversed(functions)))


def _zsh_function(grammar: Grammar, values: Values) -> str:
    function = "_".join(("", PROGRAM, *grammar.path))
    options = " ".join(shlex.quote(spec) for word in grammar.options for spec in _zsh_specs(word, values))
    if grammar.commands:
        names = [each.path[-1] for each in grammar.commands]
        commands = " ".join(shlex.quote(f"{each.path[-1]}:{each.summary}") for each in grammar.commands)
        cases = "\n".join(f"            {name}) {function}_{name} ;;" for name in names)
        return ZSH_GROUP.format(function=function, options=options, commands=commands, cases=cases)
    positionals = " ".join(shlex.quote(_zsh_positional(at, word, values)) for at, word in enumerate(grammar.positionals, start=1))
    return f"{function}() {{\n    _arguments -s {options} {positionals}\n}}\n"


def _zsh_specs(word: GrammarWord, values: Values) -> Iterator[str]:
    again = "*" * word.several
    argument = f":{_zsh_text(word.metavar)}:{_zsh_action(word, values)}" if word.metavar else ""
    yield from (f"{again}{name}[{_zsh_text(word.help)}]{argument}" for name in word.names)


def _zsh_positional(at: int, word: GrammarWord, values: Values) -> str:
    place = "*" if word.several else f"{at}{'' if word.needed else ':'}"
    return f"{place}:{_zsh_text(word.metavar)}:{_zsh_action(word, values)}"


def _zsh_action(word: GrammarWord, values: Values) -> str:
    found, files = " ".join(values_of(word, values)), {FILE: "_files", DIRECTORY: "_files -/"}.get(word.looks_for, " ")
    if found and word.looks_for:
        return f"{{compadd {found}; {files}}}"
    return f"({found})" if found else files


def _zsh_text(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\[]:" else sign for sign in text)


# fish


def fish(grammar: Grammar, values: Values) -> str:
    """For `source` in fish."""
    lines = [f"# Completion of {PROGRAM} for fish: put it as {PROGRAM}.fish into ~/.config/fish/completions.", f"complete -c {PROGRAM} -f"]
    for each in grammar.every:
        here = f"complete -c {PROGRAM} -n {_fish_quoted(_fish_condition(each))}"
        lines += [f"{here} -a {inner.path[-1]} -d {_fish_quoted(inner.summary)}" for inner in each.commands]
        lines += [f"{here} {_fish_option(word, values)}" for word in each.options]
        lines += [f"{here} {' '.join(found)}" for word in each.positionals if (found := _fish_offered(word, values))]
    return "\n".join(lines) + "\n"


def _fish_condition(grammar: Grammar) -> str:
    """Where the words so far lead to this command, and no further."""
    seen = [f"__fish_seen_subcommand_from {word}" for word in grammar.path]
    beyond = [each.path[-1] for each in grammar.commands]
    return "; and ".join([*seen, *[f"not __fish_seen_subcommand_from {' '.join(beyond)}"] * bool(beyond)])


def _fish_option(word: GrammarWord, values: Values) -> str:
    names = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in word.names]
    takes = ["-r" if word.looks_for else "-x"] if word.metavar else []
    return " ".join([*names, *takes, *_fish_offered(word, values), f"-d {_fish_quoted(word.help)}"])


def _fish_offered(word: GrammarWord, values: Values) -> list[str]:
    """Files if the word names one, and the values that are known."""
    found = values_of(word, values)
    return ["-F"] * bool(word.looks_for) + [f"-a {_fish_quoted(' '.join(found))}"] * bool(found)


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SCRIPTS: Mapping[str, Callable[[Grammar, Values], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
