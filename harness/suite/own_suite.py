"""A suite of one's own: a Python file, or a package directory, in which `SUITE` is a `Suite`. It is read once and executed by value.

It is trusted as the harness is, but what is wrong with it is never a stage's verdict: whoever looks for it is told in one line, with the
file and the line. Who has read it hands on where it is and what it was (`reference`), so that nobody else executes another version.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec, spec_from_file_location
from types import FrameType, ModuleType

from harness.machine.diagnosis import described, judge
from harness.suite.sound_suite import problem_of
from harness.suite.suite import Suite

PYTHON = ".py"
INIT = "__init__.py"
NAME = "SUITE"
# What a module of a suite is called in Python: nobody else's name, and another one for another content.
PREFIX = "own_suite_"
# No suite that makes sense takes as long, on a slow machine that others use as well.
IMPORT_SECONDS = 60.0
STILL_IMPORTED = "is still being imported after {:g} s"
# One that catches what would end it is told again, and then the command is ended.
AGAIN_SECONDS, MOST_TICKS, EXIT_CODE = 1.0, 3, 2
MOST_FILES = 1_000
LARGEST = 16 << 20
MARK = re.compile(r"(.*)#([0-9a-f]{16})", re.DOTALL)


class UnknownSuite(Exception):
    """No suite has that name, or what has it is none; the message says what to do."""


class TooSlow(BaseException):
    """A suite has not been imported in time."""


def is_place(word: str) -> bool:
    """Whether a word names a file or a directory rather than a suite that is installed."""
    return os.sep in word or word.endswith(PYTHON) or MARK.fullmatch(word) is not None or os.path.isdir(word)


class OwnSuite(MetaPathFinder, Loader):
    """The files of a suite, by their paths from the directory that it lies in, and the modules that they are."""

    def __init__(self, path: str) -> None:
        self.path = os.path.realpath(path)
        self.root = os.path.dirname(self.path)
        self.label = os.path.basename(self.path)
        self.is_package = os.path.isdir(self.path)
        self.files = {os.path.relpath(name, self.root).replace(os.sep, "/"): name for name in self._names()}
        self.contents = self._contents()
        parts = [part for name, content in self.contents.items() for part in (name.encode("utf-8", "surrogateescape"), content)]
        self.digest = hashlib.sha256(b"".join(b"%d:%b" % (len(part), part) for part in parts)).hexdigest()[:16]
        self.module_name = f"{PREFIX}{self.digest}"

    def _names(self) -> list[str]:
        if not self.is_package:
            return [self.path]
        found = []
        for directory, inner, files in os.walk(self.path):
            inner[:] = sorted(name for name in inner if name != "__pycache__" and not name.startswith("."))
            found += [os.path.join(directory, name) for name in sorted(files)]
            if len(found) > MOST_FILES:
                raise UnknownSuite(f"suite {self.label} has more than {MOST_FILES} files: give it a directory of its own")
        if not os.path.isfile(os.path.join(self.path, INIT)):
            raise UnknownSuite(f"directory {self.label} is no suite: a suite is a package, with an {INIT} in which {NAME} is a Suite")
        return found

    def _contents(self) -> dict[str, bytes]:
        contents, size = {}, 0
        for name, file in self.files.items():
            try:
                with open(file, "rb") as opened:
                    contents[name] = opened.read(LARGEST + 1)
            except (OSError, ValueError) as error:
                raise UnknownSuite(f"suite {self.label} cannot be read: {getattr(error, 'strerror', None) or error}") from None
            size += len(contents[name])
            if size > LARGEST:
                raise UnknownSuite(f"suite {self.label} is larger than {LARGEST >> 20} MiB")
        return contents

    @property
    def reference(self) -> str:
        """Where it is, and what it was when it was read: what `suite_named` takes in another process."""
        return f"{self.path}#{self.digest}"

    # Its modules.

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Answer for the suite itself and the parts of its package."""
        head, _, inner = fullname.partition(".")
        if head != self.module_name:
            return None
        if not self.is_package:
            return None if inner else self._spec(fullname, self.label, is_package=False)
        place = "/".join([self.label, *inner.split(".")]) if inner else self.label
        for name, is_package in ((f"{place}/{INIT}", True), (f"{place}{PYTHON}", False)):
            if name in self.contents:
                return self._spec(fullname, name, is_package)
        return None

    def _spec(self, fullname: str, name: str, is_package: bool) -> ModuleSpec | None:
        # No directory to search goes with a package: its parts are found here.
        spec = spec_from_file_location(fullname, self.files[name], loader=self, submodule_search_locations=[] if is_package else None)
        if spec is not None:
            spec.loader_state = name
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Execute the content that was read."""
        spec = module.__spec__
        assert spec is not None
        assert spec.origin is not None
        exec(compile(self.contents[spec.loader_state], spec.origin, "exec", dont_inherit=True), module.__dict__)

    # What goes wrong.

    def line_of(self, error: BaseException) -> int:
        """The innermost line of the suite that an exception has passed through, or is about; 0 if there is none."""
        if isinstance(error, SyntaxError) and error.filename in self.files.values():
            return error.lineno or 0
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename in self.files.values()]
        return (lines or [0])[-1] or 0

    def file_of(self, error: BaseException) -> str:
        """The file that has that line, as its path from where the suite lies."""
        named = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        if isinstance(error, SyntaxError) and error.filename:
            named.append(error.filename)
        return next((name for file in reversed(named) for name, at in self.files.items() if at == file), self.label)

    def complaint(self, error: BaseException) -> UnknownSuite:
        """What to say when importing it raises."""
        line = self.line_of(error)
        place = f"{self.file_of(error)}{f':{line}' if line else ''}"
        if isinstance(error, TooSlow):
            return UnknownSuite(f"suite {place}: {STILL_IMPORTED.format(IMPORT_SECONDS)}")
        if isinstance(error, SystemExit):
            return UnknownSuite(f"suite {place}: exits when it is imported")
        name, detail = (type(error).__name__, error.msg) if isinstance(error, SyntaxError) else described(error)
        return UnknownSuite(f"suite {place}: {name}{': ' if detail else ''}{detail}")

    def assigned(self) -> str:
        """The line on which `SUITE` gets its value, as `file:line`; the file, if nobody can tell."""
        name = f"{self.label}/{INIT}" if self.is_package else self.label
        lines = self.contents[name].decode("utf-8", "replace").splitlines()
        found = [number for number, line in enumerate(lines, 1) if re.match(rf"{NAME}\b[^=]*=", line)]
        return f"{name}:{found[-1]}" if found else name


@contextlib.contextmanager
def _in_time(label: str) -> Iterator[None]:
    """Raise `TooSlow` in this block when it lasts too long; where nobody else than the main thread can be interrupted, it may last."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    ticks = 0

    def late(number: int, frame: FrameType | None) -> None:
        nonlocal ticks
        ticks += 1
        if ticks >= MOST_TICKS:
            # Who catches everything leaves no other way.
            print(f"harness: suite {label}: {STILL_IMPORTED.format(IMPORT_SECONDS)}", file=sys.stderr, flush=True)
            os._exit(EXIT_CODE)
        raise TooSlow

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, IMPORT_SECONDS, AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# By reference. One that is wrong is read again: it may be mended.
_loaded: dict[str, Suite] = {}


def own_suite(word: str) -> Suite:
    """The suite in a file or a directory, or that of a reference; raises `UnknownSuite`."""
    if word in _loaded:
        return _loaded[word]
    marked = MARK.fullmatch(word)
    path = marked[1] if marked else word
    if not os.path.exists(path):
        raise UnknownSuite(f"there is no suite {path!r}: name a Python file, a package directory, or a suite that `harness list` shows")
    own = OwnSuite(path)
    if marked and own.reference != word:
        raise UnknownSuite(f"suite {own.label} has been changed while it was used: run it again")
    if own.reference not in _loaded:
        _loaded[own.reference] = _load(own)
    return _loaded[own.reference]


def _load(own: OwnSuite) -> Suite:
    for file in own.files.values():
        judge(file)
    sys.meta_path.append(own)
    spec = own.find_spec(own.module_name, None)
    assert spec is not None
    module = sys.modules[own.module_name] = module_from_spec(spec)
    try:
        # Whatever it prints, stdout is for results.
        with _in_time(own.label), contextlib.redirect_stdout(sys.stderr):
            own.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise own.complaint(error) from None
    suite = getattr(module, NAME, None)
    if not isinstance(suite, Suite):
        raise UnknownSuite(f"suite {own.assigned()}: {NAME} has to be a harness.suite.Suite")
    if problem := problem_of(suite):
        raise UnknownSuite(f"suite {own.assigned()}: {problem}")
    return replace(suite, reference=own.reference)


def place_of(reference: str) -> str:
    """Where a suite of one's own is; empty if it is none."""
    marked = MARK.fullmatch(reference)
    return marked[1] if marked else ""


def files_of(reference: str) -> list[tuple[str, bytes]]:
    """The Python files of a suite of one's own, by their paths from where it lies; none if it is none, or is not loaded here."""
    found = [own for own in sys.meta_path if isinstance(own, OwnSuite) and own.reference == reference]
    return [file for own in found[:1] for file in own.contents.items() if file[0].endswith(PYTHON)]


def called(reference: str) -> str:
    """What messages call a suite: the name of its file or directory, or its own name."""
    return os.path.basename(place_of(reference)) or reference


def module_of(reference: str) -> str:
    """The name of the module that a suite of one's own is; empty if it is none."""
    marked = MARK.fullmatch(reference)
    return f"{PREFIX}{marked[2]}" if marked else ""
