"""What is wrong with a suite that somebody has made: found before anything is tested with it, and said in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from harness.machine.named_bits import WordNames
from harness.native.glue import NativeCall, NativeGlue
from harness.suite.clause import NO_RACES, Clause
from harness.suite.figure import Figure
from harness.suite.load import Load
from harness.suite.parameters import Window
from harness.suite.probe import Probe
from harness.suite.program import Program
from harness.suite.suite import Suite


def problem_of(suite: Suite) -> str:
    """The first thing that is wrong, in words that follow the place; nothing if the suite is sound."""
    return next(_problems(suite), "")


def _problems(suite: Suite) -> Iterator[str]:
    if not _is_word(suite.name):
        yield f"name {suite.name!r} has to be a text"
    if not isinstance(suite.kinds, tuple) or not suite.kinds or not all(map(_is_word, suite.kinds)):
        yield f'kinds {suite.kinds!r} has to be a tuple of texts, such as ("any",)'
    elif len(set(suite.kinds)) < len(suite.kinds):
        yield f"kinds {suite.kinds!r} has one of them twice"
    if not isinstance(suite.clauses, Mapping) or not suite.clauses:
        yield "names no clause: clauses has to be a mapping of clauses by their ids, see `harness.suite.by_id`"
    for name, clause in suite.clauses.items():
        yield from _about_clause(name, clause, suite)
    yield from _about_probes(suite)
    yield from _about_loads(suite)
    yield from _about_words(suite)
    yield from _about_native(suite)
    if not callable(suite.lacks):
        yield "lacks has to be a function of a module"


def _about_clause(name: object, clause: object, suite: Suite) -> Iterator[str]:
    if not isinstance(clause, Clause):
        yield f"clause {name!r} has to be a Clause"
        return
    if clause.id != name or not _is_word(name):
        yield f"clause {clause.id!r} is called {name!r}: one name, a text"
    if not _is_word(clause.sentence):
        yield f"clause {clause.id} has {clause.sentence!r} for its sentence, which has to be a text"
    if not clause.programs:
        yield f"clause {clause.id} has no programs"
    if not all(isinstance(program, Program) for program in clause.programs):
        yield f"clause {clause.id} has something else than programs: is `@program()` missing?"
        return
    names = [program.name for program in clause.programs]
    if len(set(names)) < len(names) and clause.id != NO_RACES:
        yield f"clause {clause.id} has two programs of one name"
    for program in clause.programs:
        strange = set(program.kinds) - set(suite.kinds)
        if strange or not program.kinds:
            yield f"program {program.name} is for kinds {sorted(program.kinds)}, and the suite tests {', '.join(suite.kinds)}"
    if not clause.kinds or set(clause.kinds) - set(suite.kinds):
        yield f"clause {clause.id} is for kinds {sorted(clause.kinds)}, and the suite tests {', '.join(suite.kinds)}"


def _about_probes(suite: Suite) -> Iterator[str]:
    if not isinstance(suite.probes, tuple) or not all(isinstance(probe, Probe) and callable(probe.measure) for probe in suite.probes):
        yield "probes has to be a tuple of Probe, each with a function that measures"
        return
    names = [name for probe in suite.probes for name in probe.names]
    if twice := next((name for at, name in enumerate(names) if name in names[:at]), ""):
        yield f"two probes are called {twice!r}"
    for probe in suite.probes:
        if strange := set(probe.kinds) - set(suite.kinds):
            yield f"probe {probe.name} is for kinds {sorted(strange)}, and the suite tests {', '.join(suite.kinds)}"


def _about_loads(suite: Suite) -> Iterator[str]:
    if not isinstance(suite.loads, Mapping) or not all(isinstance(load, Load) and callable(load.build) for load in suite.loads.values()):
        yield "loads has to be a mapping of Load by their names, each with a function that builds it"
        return
    for name, load in suite.loads.items():
        if load.name != name or not _is_word(name):
            yield f"load {load.name!r} is called {name!r}: one name, a text"
        if not isinstance(load.parameters, type) or not issubclass(load.parameters, Window):
            yield f"load {name} has {load.parameters!r} for its parameters, which have to be a Window, or a class of your own made of one"
        if not isinstance(load.figures, tuple) or not all(isinstance(figure, Figure) for figure in load.figures):
            yield f"load {name} has figures that are no tuple of Figure"


def _about_words(suite: Suite) -> Iterator[str]:
    if not isinstance(suite.words, tuple) or not all(isinstance(word, WordNames) for word in suite.words):
        yield "words has to be a tuple of WordNames"
        return
    for word in suite.words:
        try:
            re.compile(word.cells)
        except (re.error, TypeError) as error:
            yield f"words: {word.cells!r} is no regular expression: {error}"
        if not all(isinstance(names, tuple) and all(map(_is_word, names)) for names in (word.masks, word.bits)):
            yield f"words: {word.cells!r} has masks and bits that are no tuples of names of constants"
        elif not (word.masks or word.bits or word.is_cpu):
            yield f"words: {word.cells!r} names nothing: masks, bits or is_cpu=True"
        if bool(word.cpu_from) != bool(word.cpu_if):
            yield f"words: {word.cells!r} has one of cpu_from and cpu_if without the other"


def _about_native(suite: Suite) -> Iterator[str]:
    glue = suite.native
    if glue is None:
        return
    if not isinstance(glue, NativeGlue):
        yield "native has to be a NativeGlue"
    elif not isinstance(glue.structs, Mapping) or not all(map(_is_word, chain.from_iterable(glue.structs.items()))):
        yield 'native: structs has to be a mapping of classes to structures of C, such as {"Work": "work"}'
    elif not isinstance(glue.calls, tuple) or not all(isinstance(call, NativeCall) for call in glue.calls):
        yield "native: calls has to be a tuple of NativeCall"
    elif not all(isinstance(call.functions, tuple) and all(map(_is_word, (call.name, *call.functions))) for call in glue.calls):
        yield 'native: a call has a name, and a tuple of functions, such as NativeCall("boot", ("work_init",))'
    elif len({call.name for call in glue.calls}) < len(glue.calls):
        yield "native: two calls have one name"
    elif not isinstance(glue.text, str) or not _is_word(glue.subsystem):
        yield "native: subsystem is the name of a class, and text is C"


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
