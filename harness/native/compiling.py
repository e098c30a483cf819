"""Compiles stages in C: with a hook at every access, once for each content; and says in one line why one does not compile.

Source and headers are written to a directory that has nothing else. The preprocessor finds those, our own headers and the freestanding ones
of the compiler; what it has made is looked at (`refused_code.py`) before it is compiled, and what has been linked before it is kept
(`linked_symbols.py`).
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import signal
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from harness.native.c_source import RUNTIME, CSource, surroundings
from harness.native.compiler import (
    HEADERS,
    LEVEL,
    LINK_FLAGS,
    OUR_PREFIX,
    RUNTIME_FLAGS,
    Compiler,
    CompilerRun,
    DoesNotCompile,
    DoesNotCompileNow,
    NoCompiler,
    compiler,
    refused_flag,
    run,
)
from harness.native.library_cache import keep_reason, kept, kept_reason
from harness.native.linked_symbols import OF_COMPILERS, LinkedSymbols, offered
from harness.native.macro_values import SECTION, answered, asking, defined_in
from harness.native.refused_code import DEPTH, refused_code
from harness.scratch import ScratchDirectory

__all__ = ["DoesNotCompile", "NoCompiler", "compiled", "runtime_library"]

GLUE = "glue.c"
# More than any stage has with all that it includes.
LARGEST_TEXT = 8 << 20
LONGEST_LINE = 300

# No clock decides what is compiled; limits.h of gcc would ask for another one of a C library; and memcpy is what has hooks, also without a
# macro of the dialect.
CLOCKS = ('__DATE__="Jan  1 1970"', '__TIME__="00:00:00"', '__TIMESTAMP__="Thu Jan  1 00:00:00 1970"')
DEFINES = ("_LIBC_LIMITS_H_", *CLOCKS, *(f"{name}=machine_{name}" for name in sorted(OF_COMPILERS)))

# Reads a file that no line of the preprocessed text tells of.
EMBED = re.compile(rb"^(?:\s|/\*.*?\*/)*(?:#|%:)(?:[ \t]|/\*.*?\*/)*embed\b", re.MULTILINE | re.DOTALL)

ERROR = re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+):(?:\d+:)? (?:fatal )?error: (?P<text>.+)$", re.MULTILINE)
OTHER_ERROR = re.compile(
    r"^.*?(?:fatal error|internal compiler error|error:|out of memory|undefined reference).*$", re.MULTILINE | re.IGNORECASE
)
TOO_MUCH = re.compile(r"out of memory|memory exhausted|CPU time limit|File size limit|bad_alloc|File too large", re.IGNORECASE)
# Nothing that a stage has done.
NOT_ITS_FAULT = re.compile(
    r"No space left|cannot execute|unable to execute|cannot fork|v?fork:|posix_spawn|Killed|ulimit:|Read-only", re.IGNORECASE
)
NO_REFERENCE = re.compile(r"^(?:.*: )?(?P<file>[^:\s]+):(?P<line>\d+): undefined reference to [`'](?P<name>\w+)'$", re.MULTILINE)


def compiled(source: CSource) -> Path:
    """The shared library of a stage; raises `DoesNotCompile` and `NoCompiler`."""
    why = _hash_with_our_code(source.digest)
    if (reason := kept_reason(why)) is not None:
        raise DoesNotCompile(reason)
    try:
        return kept(source.digest, lambda path: _compile(source, path))
    except DoesNotCompileNow:
        raise
    except DoesNotCompile as error:
        keep_reason(why, str(error))
        raise


def _hash_with_our_code(digest: str) -> str:
    """What stands for the reason why there is no library: it is the compiler's, or that of the code here, which looks at the source."""
    return hashlib.sha256(f"{digest} {_our_code()}".encode()).hexdigest()


@lru_cache
def _our_code() -> str:
    state = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        content = path.read_bytes()
        state.update(f"{path.name} {len(content)} ".encode() + content)
    return state.hexdigest()


def runtime_library(cc: str = "cc") -> Path:
    """The shared library of the runtime; raises `NoCompiler`."""
    return kept(surroundings(cc), lambda path: _compile_runtime(compiler(cc), path))


def _compile_runtime(chosen: Compiler, path: Path) -> None:
    command = [chosen.path, *RUNTIME_FLAGS, *chosen.target_flags, chosen.one_error, f"-I{HEADERS}", "-o", str(path), str(RUNTIME)]
    done = run(command, path.parent)
    if done.code != 0:
        problem = "does not compile the runtime of stages in C (on Debian: apt-get install gcc libc6-dev)"
        raise NoCompiler(f"{chosen.path} {problem}: {_first_line(done.said)}")


def _compile(source: CSource, path: Path) -> None:
    with ScratchDirectory("tree-", path.parent) as tree:
        _Compilation(source, compiler(source.cc), Path(tree, *(["sub"] * DEPTH)), path).make()


@dataclass(frozen=True)
class _Compilation:
    """One stage, on its way to a library."""

    source: CSource
    compiler: Compiler
    directory: Path
    library: Path

    def make(self) -> None:
        if flag := refused_flag(self.source.cflags):
            raise DoesNotCompile(
                f"is not compiled with {flag}: flags may define (-D, -U), choose -O, -std, -W or -m, and -f for the language"
            )
        self._lay_out()
        objects = [self._compiled(_argument(self.source.name))]
        if self.source.glue:
            objects.append(self._compiled(os.path.relpath(self._scratch / GLUE, self.directory)))
        self._link([*objects, *self._macros()])
        self._check(objects)

    @property
    def _scratch(self) -> Path:
        """Where what is no file of the stage lies."""
        return self.library.parent

    def _lay_out(self) -> None:
        self.directory.mkdir(parents=True)
        if not (HEADERS / self.source.dialect).is_dir() or "/" in self.source.dialect:
            raise DoesNotCompile(f"is written in the dialect {self.source.dialect}, which there is not")
        for name, content in (*self.source.headers, (self.source.name, self.source.source)):
            self._write(name, content)
        (self._scratch / GLUE).write_text(f'#line 1 "{GLUE}"\n{self.source.glue}')

    def _write(self, name: str, content: bytes) -> None:
        plain = posixpath.normpath(name)
        if posixpath.isabs(plain) or plain.split("/").count("..") > DEPTH or "\0" in name:
            raise DoesNotCompile(f"includes {name}, which is out of its reach")
        if EMBED.search(content.replace(b"\\\n", b"")):
            raise DoesNotCompile(f"has what a stage in C may not have: #embed in {name}")
        path = self.directory / plain
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise DoesNotCompile(f"has {name} as a file and as a directory") from None

    def _compiled(self, file: str) -> str:
        """The object file of one file."""
        name = str(self._scratch / Path(file).stem)
        text, made = f"{name}.i", f"{name}.o"
        self._run(*self._flags, "-E", "-x", "c", file, "-o", text)
        if file == _argument(self.source.name):
            self._look_at(Path(text))
        self._run(*self._flags, "-x", "cpp-output", "-c", text, "-o", made)
        return made

    def _macros(self) -> list[str]:
        """An object file with what the macros of the stage's own files come to; none, if they have no macros."""
        names = defined_in((self.source.source, *(content for _, content in self.source.headers)))
        if not names:
            return []
        asked, answers, made = (str(self._scratch / f"macros.{suffix}") for suffix in ("c", "i", "o"))
        Path(asked).write_text(asking(names))
        done = run(
            [self.compiler.path, *self._flags, "-E", "-P", "-imacros", _argument(self.source.name), "-x", "c", asked, "-o", answers],
            self.directory,
        )
        if done.code != 0:
            # (A file that minds where it is included from.)
            return []
        Path(asked).write_text(answered(Path(answers).read_text(errors="replace")))
        Path(answers).write_text(f'.section {SECTION},"",%progbits\n.incbin "{asked}"\n.section .note.GNU-stack,"",%progbits\n')
        self._run(*self.compiler.target_flags, "-x", "assembler", "-c", answers, "-o", made)
        return [made]

    @property
    def _flags(self) -> tuple[str, ...]:
        """The flags of every step: the last ones are the series' own."""
        return (
            *self.compiler.stage_flags,
            self.compiler.one_error,
            f"-ffile-prefix-map={HEADERS}/={OUR_PREFIX}",
            f"-fdebug-prefix-map={self.directory}=.",
            "-nostdinc",
            *("-I.", f"-I{HEADERS}"),
            *("-isystem", self.compiler.include),
            *(f"-D{name}" for name in DEFINES),
            LEVEL,
            *self.source.cflags,
        )

    def _look_at(self, text: Path) -> None:
        if text.stat().st_size > LARGEST_TEXT:
            raise DoesNotCompile(f"is larger than {LARGEST_TEXT >> 20} MiB with all that it includes")
        found = refused_code(text.read_text(errors="replace"), (str(HEADERS), self.compiler.include))
        if found is not None:
            raise DoesNotCompile(f"has what a stage in C may not have: {self._called(found.file)}:{found.line}: {found.problem}")

    def _link(self, objects: list[str]) -> None:
        own = () if self.compiler.library is None else (self.compiler.library,)
        self._run(*LINK_FLAGS, *objects, *own, "-o", str(self.library))

    def _check(self, objects: list[str]) -> None:
        """Whether the library can be loaded, and does nothing then."""
        symbols, runtime = LinkedSymbols.of(self.library), runtime_library(self.source.cc)
        there = offered(runtime)
        for problem in symbols.by_itself:
            raise DoesNotCompile(problem)
        if symbols.constructors > len(objects):
            raise DoesNotCompile("has functions that run while the stage is loaded")
        for name in sorted(symbols.defined & there):
            raise DoesNotCompile(f"defines {name}, which is the machine's")
        missing = symbols.undefined - there - OF_COMPILERS
        if missing:
            raise DoesNotCompile(self._missing(missing, objects, runtime))

    def _missing(self, missing: frozenset[str], objects: list[str], runtime: Path) -> str:
        """What is called and not there; a linker that is told to mind that says where."""
        found = run(
            [self.compiler.path, *LINK_FLAGS, "-Wl,-z,defs", *objects, str(runtime), "-o", str(self._scratch / "unused")], self._scratch
        )
        for match in NO_REFERENCE.finditer(found.said):
            if match["name"] in missing:
                return f"calls {match['name']}, which there is not ({self._called(match['file'])}:{match['line']})"
        return f"calls {min(missing)}, which there is not"

    def _run(self, *arguments: str) -> None:
        done = run([self.compiler.path, *arguments], self.directory)
        if done.code != 0:
            raise self._reason(done)

    def _reason(self, done: CompilerRun) -> DoesNotCompile:
        """Why it has failed, in one line, in the user's names; raises `NoCompiler` if it is not the stage."""
        lasts = not (TOO_MUCH.search(done.said) or NOT_ITS_FAULT.search(done.said))
        if error := ERROR.search(done.said):
            kind = DoesNotCompile if lasts else DoesNotCompileNow
            return kind(f"does not compile: {self._called(error['file'])}:{error['line']}: {self._plain(error['text'])}")
        if done.code == -signal.SIGXCPU or TOO_MUCH.search(done.said):
            return DoesNotCompileNow("does not compile: it takes more time, memory or room than a stage may")
        if done.code is None or done.code < 0 or NOT_ITS_FAULT.search(done.said):
            raise NoCompiler(
                f"{self.compiler.path} does not get done: {_first_line(done.said) if done.code else 'the machine is too busy'}"
            )
        return DoesNotCompile(f"does not compile: {self._plain(_first_line(done.said))}")

    def _called(self, file: str) -> str:
        """A file as the user knows it; of ours, as it is included."""
        plain = posixpath.normpath(file)
        for folder in (f"{HEADERS}/", OUR_PREFIX, f"{self.compiler.include}/"):
            if plain.startswith(folder):
                return f"<{plain.removeprefix(folder)}>"
        return plain.removeprefix(f"{self.directory}/")

    def _plain(self, text: str) -> str:
        return text.replace(f"{self.directory}/", "").replace(f"{self._scratch}/", "").strip()


def _argument(name: str) -> str:
    """A name that no compiler takes for an option, or for a list of them."""
    return name if name[:1].isalnum() or name[:1] == "_" else f"./{name}"


def _first_line(said: str) -> str:
    match = OTHER_ERROR.search(said)
    line = match.group() if match else next(iter(said.strip().splitlines()), "the compiler says nothing")
    return line.strip()[:LONGEST_LINE]
