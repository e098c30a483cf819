"""A scenario's parameters as data: with default, unit, range of sensible values and a sentence of reason; and their text form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, TypeVar

from harness.suite.whole_numbers import NoSuchNumber, shortened, whole_number

P = TypeVar("P", bound="Parameters")

# Units.
US = "µs"
HZ = "1/s"
COUNT = ""
CYCLES = "cycles"
LIST = "each"

# The largest values that make sense, by unit: far beyond any machine, and small enough to be built and to come to an end.
MOST = {US: 10**9, HZ: 10**7, COUNT: 1024, CYCLES: 10**10, LIST: 1024}
# Elements of a list.
LONGEST = 1024


class ParameterError(ValueError):
    """A parameter or a setting that makes no sense: one line that names it."""


def parameter(default: Any, unit: str, reason: str, least: int = 0, most: int | None = None, choices: Sequence[str] = ()) -> Any:
    """Declare a parameter. `least` and `most` bound the values that make sense (by default `most` is that of the unit).

    `choices` are the words allowed, if it is one.
    """
    bounds = {"least": least, "most": MOST[unit] if most is None else most}
    return field(default=default, metadata={"unit": unit, "reason": reason, "choices": tuple(choices), **bounds})


@dataclass(frozen=True)
class Parameters:
    """A scenario's parameters."""

    @property
    def free_words(self) -> list[str]:
        """The values that are words of the user's own choice, such as the names of files."""
        words = [getattr(self, each.name) for each in fields(self) if isinstance(each.default, str) and not each.metadata["choices"]]
        return [word for word in words if word]


@dataclass(frozen=True)
class Window(Parameters):
    """What every scenario with a stage has: when it is observed."""

    warmup_us: int = parameter(2000, US, "thrown away: the locks' queues and the caches fill within a few times 100 µs", 0)
    length_us: int = parameter(12_000, US, "the time observed, per seed; the confidence interval says whether it is long enough", 1)
    max_steps: int = parameter(20_000_000, COUNT, "an end for a stage that comes to none by itself: operations of all CPUs", 1, 10**9)
    vcpus_per_cpu: int = parameter(1, COUNT, "how many vCPUs share a CPU, under a credit-like scheduler; not reported", 1)
    ratelimit_us: int = parameter(1000, US, "so long a vCPU runs before another preempts it: Xen's default since 4.2; 0: no limit", 0)


def describe(kind: type[Parameters]) -> Iterator[tuple[str, str, str, str]]:
    """Name, default, unit and reason of each parameter."""
    for each in fields(kind):
        yield each.name, to_text(each.default), each.metadata["unit"], each.metadata["reason"]


def to_text(value: Any) -> str:
    """A value as it is written after `--set NAME=`."""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def with_texts(parameters: P, texts: Sequence[tuple[str, str]], where: str = "") -> P:
    """Return `parameters` with some of them changed; raises `ParameterError`."""
    known = {each.name: each for each in fields(parameters)}
    changes: dict[str, Any] = {}
    for name, text in texts:
        if name not in known:
            raise ParameterError(f"{where}no such parameter: {shortened(name)}; choose from {', '.join(known)}")
        changes[name] = _parse(known[name], text, where)
    return replace(parameters, **changes)


def _parse(each: Field[Any], text: str, where: str) -> Any:
    choices = each.metadata["choices"]
    if isinstance(each.default, str):
        if choices and text not in choices:
            raise ParameterError(f"{where}{each.name} is one of {', '.join(choices)}, not {shortened(text)!r}")
        return text
    words = text.split(",") if isinstance(each.default, tuple) else [text]
    if len(words) > LONGEST:
        raise ParameterError(f"{where}{each.name} has {len(words)} values, and may have {LONGEST}")
    values = tuple(_number(each, word, where) for word in words if text)
    return values if isinstance(each.default, tuple) else values[0] if values else _number(each, text, where)


def _number(each: Field[Any], word: str, where: str) -> int:
    try:
        return whole_number(word, each.metadata["least"], each.metadata["most"])
    except NoSuchNumber as error:
        raise ParameterError(f"{where}{each.name} {error}") from None
