"""Inputs that nobody would write: words of the command line, TOML, CSV, replay strings, accepted changes, explanations, parameters.

Half of them are valid ones with a few changes, half come from hypothesis. They go through `main` in this process, which is the same as a
process of its own up to where the first worker would be started: there it ends. A sample is run in processes of its own.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as reproducible
from hypothesis import strategies as st

from harness.cli.main import main
from harness.jobs import driving
from harness.measure import measure_cells
from harness.verify import find_violations
from stages import POSTED
from tests.campaign import running
from tests.campaign.figures import HANG, TRACEBACK, UNEXPECTED, WRONG, Figures, has_traceback
from tests.campaign.running import INPUT
from tests.cli.invocation import ACCEPTED

# One input takes milliseconds, on a quiet machine.
SECONDS = 120
CODES = frozenset({0, 1, 2, 3, 125, 128})

CONFIG = """[machine]
profile = "westmere-ex-8s"
mhz = 2400
sockets = 2
cores_per_socket = 12
distance = [[0, 1], [1, 0]]
cpus = 16
[costs]
inject = 3000
tick_work = "20 µs"
"""
TRACE = "time_us,guest,vf\n10,busy0,0\n20,busy1,1\n20,idle5,2\n"
FINDINGS = '[[finding]]\nclause = "fifo"\npatch = 4\nfailure = "assertion"\ntext = "Known."\n'
REPLAY = "h2/posted/2/0123456789/kill-quiesces/softirq/killed-while-sent/x5000,12,28.2"
# Commands that end before a worker starts or whose work is left out; files are looked for in the directory of the run.
COMMANDS = (
    "list --suite litmus --tablefmt grid",
    "run 0 1 --series posted --check fifo reuse --seeds 2 --executions 10 --seed 3 --jobs 2 --no-perf --json - --junit out.xml",
    "check s.py --check fifo,reuse --kind vcpu -x --accept-bound 1 --deep",
    "explore fifo 5 --program order-while-fed --strategy pct --depth 3 --executions 5 --time 9 --kind softirq",
    "diff 0 1 --series fixed --tablefmt github",
    "findings --series posted --check-against none.md",
    "perf 0 1 --scenario idle-guests --set device_hz=5 --set busy_vfs=1,2 --lock mcs --topology opteron-4s --cost inject=4 --runs 2",
    "perf 0 --sweep device_hz=1..4 --sweep lock=ttas,mcs --max-runs 3 --precision 2 --seed 1 --csv - --yes",
    "perf --scenario lock-ladder --set cpus=1,5 --set between=50000 --set critical=200 --set length=1000",
    "perf 0 1 --all-scenarios --sensitivity --set length_us=20 --set warmup_us=0",
    "perf --calibrate --profile --plot out.svg",
    f"replay {REPLAY}/0000 s.py",
)
# What makes trouble in words.
NASTY = (
    "", " ", ",", "=", "-", "--", "..", "/", "0", "-1", "1..", "..1", "1e9", "0x10", "9" * 20, "9" * 400, "9" * 5000, "1" + "0" * 30,
    "٣", "\udcff", "é",
    "\x1b[31m", "\n", "\t", "%s", "{}", "{0}", "%", "nan", "inf", "1_0", "a" * 3000,
    "../../etc", "/dev/null", "/proc/self/mem", ".", "~", "*",
    "[", "]", '"',
    "'", "#", "\u202e", "--check", "--help", "-h", "-x", "--version", "fifo", "litmus", "posted", "1,2,3", "1..999999999999",
)  # fmt: skip
LITTLE = ("=", ",", ".", "..", "/", "-", "0", "9", "[", "]", '"', "\n", "\\", "é", "\0", "{", "}", "#", "'", "%")


class ReachedTheWorkers(Exception):
    """Instead of the first worker."""


@dataclass(frozen=True)
class Input:
    """What is fuzzed, the words, and what the file `INPUT` has."""

    what: str
    words: tuple[str, ...]
    content: bytes = b""

    def __str__(self) -> str:
        return f"{self.what}: {[word[:60] for word in self.words]} {self.content[:200]!r}"


Make = Callable[[random.Random], Input]


def changed(rng: random.Random, text: str, pieces: Sequence[str]) -> str:
    """A text with up to four changes."""
    for _ in range(rng.randint(1, 4)):
        at, end = sorted(rng.randint(0, len(text)) for _ in range(2))
        end = min(end, at + 12)
        new = rng.choice(("", text[at:end] * 2, rng.choice(pieces), chr(rng.choice((*range(1, 0x250), 0xDCFF, 0x1F600)))))
        text = text[:at] + new + text[end if rng.random() < 0.7 else at :]
    return text


def changed_words(rng: random.Random) -> Input:
    """A command line with words that are dropped, doubled, exchanged, changed or nasty."""
    words = rng.choice(COMMANDS).split()
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(words) + 1)
        match rng.randrange(5):
            case 0:
                del words[at : at + 1]
            case 1:
                words[at:at] = words[at : at + 1]
            case 2:
                words.insert(at, rng.choice(rng.choice(COMMANDS).split()))
            case 3:
                words[at : at + 1] = [rng.choice(NASTY)]
            case _:
                words[at : at + 1] = [changed(rng, "".join(words[at : at + 1]), NASTY)]
    return Input("command line", _words(words))


def changed_parameter(rng: random.Random) -> Input:
    """A parameter, a cost or an axis with a value that makes trouble."""
    option, text = rng.choice((("--set", "busy_vfs=1,2"), ("--set", "device_hz=5"), ("--cost", "inject=4"), ("--sweep", "vfs=1..4")))
    name, _, value = text.partition("=")
    value = rng.choice(NASTY) if rng.random() < 0.5 else changed(rng, value, NASTY)
    return Input("parameter", _words(["perf", "0", option, f"{name}={value}"]))


def changed_replay(rng: random.Random) -> Input:
    """A replay string; half of them have a check that fits."""
    text = changed(rng, REPLAY, NASTY)
    check = zlib.crc32(text.encode(errors="surrogatepass")) & 0xFFFF if rng.random() < 0.5 else 0
    return Input("replay string", _words(["replay", f"{text}/{check:04x}"]))


def _of_file(what: str, words: str, valid: str) -> tuple[str, Callable[[bytes], Input], str]:
    return what, lambda content: Input(what, tuple(words.split()), content), valid


FILES = (
    _of_file("accepted changes", f"run 0 --accept {INPUT}", ACCEPTED),
    _of_file("costs", f"perf 0 --config {INPUT}", CONFIG),
    _of_file("trace", f"perf 0 --set device_arrivals=trace --set trace={INPUT}", TRACE),
    _of_file("explanations", "findings --series posted", FINDINGS),
)


def changed_file(rng: random.Random) -> Input:
    """A file with changed text, or changed bytes."""
    _, make, valid = rng.choice(FILES)
    content = bytearray(changed(rng, valid, (*NASTY, *LITTLE)).encode(errors="surrogatepass"))
    if rng.random() < 0.2 and content:
        content[rng.randrange(len(content))] = rng.randrange(256)
    return make(bytes(content))


MAKERS: tuple[Make, ...] = (changed_words, changed_words, changed_parameter, changed_replay, changed_file, changed_file)

words_of_any_kind = st.text(st.characters(blacklist_characters="\0"), max_size=30) | st.sampled_from(NASTY)
tables = st.recursive(st.integers() | st.text(max_size=5) | st.booleans(), lambda inner: st.lists(inner, max_size=3), max_leaves=6)


@st.composite
def invented(draw: st.DrawFn) -> Input:
    """What hypothesis thinks of."""
    match draw(st.integers(0, 3)):
        case 0:
            first = draw(st.sampled_from([line.split()[0] for line in COMMANDS]))
            options = sorted({word for line in COMMANDS for word in line.split() if word.startswith("--")})
            return Input("command line", _words([first, *draw(st.lists(words_of_any_kind | st.sampled_from(options), max_size=6))]))
        case 1:
            text = "/".join(["h2", *draw(st.lists(words_of_any_kind, min_size=7, max_size=7))])
            return Input("replay string", _words(["replay", f"{text}/{zlib.crc32(text.encode(errors='surrogatepass')) & 0xFFFF:04x}"]))
        case 2:
            return draw(st.sampled_from(FILES))[1](draw(st.binary(max_size=60)))
        case _:
            _, make, valid = draw(st.sampled_from(FILES))
            keys = [line.split(" = ")[0] for line in valid.splitlines() if " = " in line] or ["time_us"]
            lines = [f"{draw(st.sampled_from(keys))} = {draw(tables)!r}" for _ in range(draw(st.integers(1, 4)))]
            head = [line for line in valid.splitlines() if line.startswith("[")][:1]
            return make("\n".join([*head, *lines]).encode(errors="surrogatepass"))


def _words(words: Sequence[str]) -> tuple[str, ...]:
    """As the system passes words on: bytes without null bytes, of which those that are no UTF-8 come as escapes, and a bound."""
    return tuple(os.fsdecode(word.replace("\0", "")[:100_000].encode(errors="surrogatepass")) for word in words)


def fuzz(count: int, seed: int, figures: Figures, real: int = 0) -> None:
    """Try so many inputs, and so many of those again in processes of their own."""
    rng = random.Random(f"fuzz {seed}")
    refused: list[tuple[Input, int]] = []
    with in_this_process():

        def attempt(each: Input) -> None:
            figures.tried["inputs in this process"] += 1
            code = _attempt(each, figures)
            if isinstance(code, int) and each.what != "explanations":
                refused.append((each, code))

        for _ in range(count // 2):
            attempt(rng.choice(MAKERS)(rng))
        usual = settings(deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        limits = settings(usual, max_examples=count - count // 2)
        reproducible(seed)(limits(given(invented())(attempt)))()
    for each, code in rng.sample(refused, min(real, len(refused))):
        figures.tried["inputs in a process of their own"] += 1
        _for_real(each, code, figures)


@contextlib.contextmanager
def in_this_process() -> Iterator[None]:
    """`main` comes as far as the first worker, in a directory of its own, with its output going nowhere; all is as before at the end."""
    before = os.getcwd(), sys.stdout, sys.stderr, find_violations.STAGES
    signals = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)}
    runs = driving.run_tasks, measure_cells.run_tasks
    # In some places of `main` an error would end like that of an executor.
    driving.run_tasks = measure_cells.run_tasks = _reached  # type: ignore[assignment]
    signal.signal(signal.SIGALRM, _too_long)
    with tempfile.TemporaryDirectory(prefix="campaign-") as place, open(os.devnull, "w", encoding="utf-8") as null:
        os.chdir(place)
        Path(place, POSTED.name).mkdir()
        sys.stdout = null
        find_violations.STAGES = Path(place)
        try:
            yield
        finally:
            os.chdir(before[0])
            _, sys.stdout, sys.stderr, find_violations.STAGES = before
            driving.run_tasks, measure_cells.run_tasks = runs
            for number, handler in signals.items():
                signal.signal(number, handler)


class _TooLong(BaseException):
    pass


def _too_long(number: int, frame: FrameType | None) -> None:
    raise _TooLong


def _reached(*_: object, **named: object) -> None:
    raise ReachedTheWorkers


def _attempt(each: Input, figures: Figures) -> object:
    """Try an input; the exit code, None if a worker would have been started."""
    Path(INPUT).write_bytes(each.content)
    Path(POSTED.name, "findings.toml").write_bytes(each.content)
    said = sys.stderr = io.StringIO()
    code: object = None
    signal.alarm(SECONDS)
    try:
        code = main(each.words)
    except SystemExit as error:
        code = error.code or 0
    except _TooLong:
        figures.note(HANG, str(each))
    except BaseException as error:
        figures.note(TRACEBACK, f"{each}: {type(error).__name__}: {str(error)[:200]}")
    finally:
        signal.alarm(0)
    if ReachedTheWorkers.__name__ in said.getvalue():
        return None
    _judge(each, code, said.getvalue(), figures)
    return code


def _judge(each: Input, code: object, said: str, figures: Figures) -> None:
    if has_traceback(said):
        figures.note(TRACEBACK, f"{each}: {said.splitlines()[-1][:200]}")
    elif (code is not None and code not in CODES) or said.count("\n") > 1:
        figures.note(UNEXPECTED, f"{each}: {code}: {said[:200]!r}")
    elif each.words[:1] == ("check",) and code in running.VERDICTS and not {"-h", "--help"} & {*each.words}:
        figures.note(WRONG, f"{each}: {code}: {said[:200]!r}")


def _for_real(each: Input, code: int, figures: Figures) -> None:
    """In a process of its own: the exit code has to be the same."""
    case = running.Case(str(each), each.words, frozenset({code}), content=each.content, leaves=frozenset({"out.xml", "out.svg"}))
    running.run(case, figures)
