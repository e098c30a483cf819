"""The C compiler: which one it is, which flags it gets, and how it is run: bounded, in an environment of its own.

What it reads is somebody's code. It gets so much time and memory and no more, and may write so much; what it makes is not executed here.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

# Of one process of the compiler.
CPU_SECONDS = 10
MEMORY_KIB = 2 << 20
# Of one file that it writes, in blocks of 512 bytes as POSIX has it (a shell that counts in KiB allows twice as much).
FILE_BLOCKS = 64 << 11
# A machine may be so busy that ten seconds take minutes.
WALL_SECONDS = 300.0
# Of what it says; the first error is near the beginning.
SAID_BYTES = 1 << 20

HEADERS = Path(__file__).parent / "include"
# What the paths of our own headers begin with in debugging information: the same wherever the harness is installed.
OUR_PREFIX = "/machine/"

# In each compilation of a stage: one hook at every access, none of them moved, merged or left out more than need be.
STAGE_FLAGS = (
    *("-std=gnu11", "-ffreestanding", "-fno-builtin", "-gdwarf-4", "-fPIC", "-w"),
    *("-fsanitize=thread", "-fsanitize-coverage=trace-pc"),
    *("-fno-strict-aliasing", "-fno-stack-protector", "-fno-optimize-sibling-calls", "-fno-semantic-interposition"),
    # A handler may come in at any access, and a stage may look at what another CPU has on its stack.
    *("-fno-delete-null-pointer-checks", "-fwrapv", "-fno-common", "-fno-asynchronous-unwind-tables"),
)
# Each access as it is written: an optimiser that merges two reads, or leaves one out, takes interleavings away. A series may choose
# another level; what moves accesses stays switched off then, as far as a compiler lets itself be told.
LEVEL = "-O0"
GCC_FLAGS = (
    *("--param", "tsan-distinguish-volatile=1"),
    # Places and prototypes of a function are those of its source.
    *("-fno-ipa-icf", "-fno-ipa-cp", "-fno-ipa-sra", "-fno-partial-inlining", "-fno-reorder-blocks-and-partition"),
    # No read is merged with an earlier one, or left out.
    *("-fno-tree-fre", "-fno-tree-pre", "-fno-tree-forwprop", "-fno-tree-dominator-opts", "-fno-tree-dce", "-fno-tree-sra"),
    *("-fno-tree-ccp", "-fno-tree-copy-prop", "-fno-tree-vrp", "-fno-tree-phiprop", "-fno-code-hoisting", "-fno-hoist-adjacent-loads"),
    # No write is left out, merged or delayed.
    *("-fno-tree-dse", "-fno-tree-sink", "-fno-store-merging", "-fno-tree-cselim"),
    # No branch is joined, or made into an expression.
    *("-fno-ssa-phiopt", "-fno-if-conversion", "-fno-thread-jumps", "-fno-tree-tail-merge", "-fno-tree-switch-conversion"),
    # No loop is changed, and nothing moves out of one.
    *("-fno-tree-loop-optimize", "-fno-tree-loop-im", "-fno-tree-ch", "-fno-tree-vectorize", "-fno-tree-loop-distribute-patterns"),
    *("-fno-ipa-pure-const", "-fno-ipa-reference"),
)
CLANG_FLAGS = ("-mllvm", "-tsan-distinguish-volatile=1", "-mllvm", "-tsan-instrument-read-before-write=1")
LINK_FLAGS = (
    *("-shared", "-nostdlib"),
    # A function of a stage that is called like one of the C library is the stage's.
    "-Wl,-Bsymbolic",
    *("-Wl,-z,now", "-Wl,-z,relro", "-Wl,-z,noexecstack", "-Wl,--build-id=none"),
)
# What is executed with Python's own stack below it, and hooks everything: fast, and without hooks itself.
RUNTIME_FLAGS = (
    *("-std=gnu11", "-O2", "-g", "-fPIC", "-shared", "-w"),
    *("-fno-stack-protector", "-fno-strict-aliasing", "-Wl,-z,now"),
)
CONTROL_FLOW = {"x86_64": ("-fcf-protection=none",), "aarch64": ("-mbranch-protection=none",)}

# Sets limits, and becomes the compiler.
# Told first, killed two seconds later: whoever is killed at once was killed by somebody else.
LIMITS = (f"-S -t {CPU_SECONDS}", f"-H -t {CPU_SECONDS + 2}", f"-v {MEMORY_KIB}", f"-f {FILE_BLOCKS}", "-c 0")
LIMITED = "".join(f"ulimit {limit} && " for limit in LIMITS) + 'exec "$@"'


class NoCompiler(Exception):
    """There is nothing to compile with; the message is one line, and says what to install."""


class DoesNotCompile(Exception):
    """The message completes "the stage …"."""


class DoesNotCompileNow(DoesNotCompile):
    """It may be that it would another time, with more room."""


@dataclass(frozen=True)
class Compiler:
    """A C compiler on this machine."""

    path: str
    # Its version and target, as it says them itself.
    identity: str
    is_clang: bool
    # Where its freestanding headers are (stddef.h, stdint.h, …), and its own library of little functions, if there is one.
    include: str
    library: str | None

    @property
    def stage_flags(self) -> tuple[str, ...]:
        """The flags for code under test."""
        return (*STAGE_FLAGS, *(CLANG_FLAGS if self.is_clang else GCC_FLAGS), *self.target_flags)

    @property
    def target_flags(self) -> tuple[str, ...]:
        """The flags for the kind of CPU: stages run on stacks of their own, which shadow stacks and signed addresses know nothing of."""
        return CONTROL_FLOW.get(self.identity.splitlines()[-1].split("-")[0], ())

    @property
    def one_error(self) -> str:
        return "-ferror-limit=1" if self.is_clang else "-fmax-errors=1"


@dataclass(frozen=True)
class CompilerRun:
    """How a run of the compiler has ended: its exit code (negative: a signal; None: it was stopped), and the beginning of what it said."""

    code: int | None
    said: str


@lru_cache
def compiler(cc: str) -> Compiler:
    """The compiler of this name; raises `NoCompiler`."""
    path = shutil.which(cc)
    if path is None:
        raise NoCompiler(
            f"stages in C need a C compiler, and there is no {cc}: install gcc or clang (on Debian: apt-get install gcc libc6-dev)"
        )
    version, target, include, library = (
        _asked(path, question) for question in ("--version", "-dumpmachine", "-print-file-name=include", "-print-libgcc-file-name")
    )
    if not version or not os.path.isabs(include) or not os.path.isdir(include):
        raise NoCompiler(f"stages in C need a C compiler, and {path} is none that works: install gcc or clang")
    return Compiler(path, f"{version}\n{target}", "clang" in version, include, library if os.path.isfile(library) else None)


def run(command: list[str], directory: Path) -> CompilerRun:
    """Run a compiler in a directory, which is its directory for temporary files, too."""
    with tempfile.TemporaryFile() as file:
        process = subprocess.Popen(
            ["/bin/sh", "-c", LIMITED, "compiler", *command],
            cwd=directory,
            env=environment(directory),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
        code = _ended(process)
        file.seek(0)
        return CompilerRun(code, file.read(SAID_BYTES).decode(errors="replace"))


def environment(directory: Path) -> dict[str, str]:
    """All that a compiler gets to know of ours: no path or flag of the user's environment decides what it makes."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TMPDIR": str(directory)}


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(WALL_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.returncode is None:
            # It is the leader of a group of its own, and has not been waited for: the number is still its.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _asked(path: str, question: str) -> str:
    """What a compiler answers; nothing if it does not."""
    try:
        answer = subprocess.run(
            [path, question],
            env=environment(Path("/tmp")),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=WALL_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


# What a series may pass on: what decides about the language, and no file, program or hook.
_PASSED_ON = re.compile(
    r"-(D\w+(\([\w,]*\))?(=.*)?|U\w+|O[0123gsz]?|W(?![alp],)[\w+=-]+|std=[\w+]+|f[\w+-]+(=[\w.-]+)?|m(?!llvm)[\w+.-]+(=[\w+.,-]+)?)",
    re.DOTALL,
)
_OURS = re.compile(
    r"-f(no-)?(sanitize|plugin|pass-plugin|dump|profile|auto-profile|branch-probabilities|test-coverage|lto|debug|stack-usage|save-|callgraph|opt-info"
    r"|instrument|modules|pch|syntax-only|preprocessed|working-directory|use-ld|xray|cs-profile|split-stack|openmp|openacc|hosted|freestanding|builtin"
    r"|pic|PIC|pie|PIE|cf-protection|exceptions|time-trace|proc-stat|embed|crash|temp|coverage|emit|common|semantic).*"
)


def refused_flag(flags: tuple[str, ...]) -> str | None:
    """The first flag of a series that is not passed on."""
    return next((flag for flag in flags if not _PASSED_ON.fullmatch(flag) or _OURS.fullmatch(flag)), None)
