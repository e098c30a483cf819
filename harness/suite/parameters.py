"""A scenario's parameters as data: each with a default, a unit, the least sensible value and a sentence of reason; and their text form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, TypeVar

P = TypeVar("P", bound="Parameters")

# Units.
US = "µs"
HZ = "1/s"
COUNT = ""
CYCLES = "cycles"
LIST = "each"


class ParameterError(ValueError):
    """A parameter or a setting that makes no sense: one line that names it."""


def parameter(default: Any, unit: str, reason: str, least: int = 0, choices: Sequence[str] = ()) -> Any:
    """Declare a parameter. `least` is the smallest value that makes sense; `choices` are the words allowed, if it is one."""
    return field(default=default, metadata={"unit": unit, "reason": reason, "least": least, "choices": tuple(choices)})


@dataclass(frozen=True)
class Parameters:
    """A scenario's parameters."""


@dataclass(frozen=True)
class Window(Parameters):
    """What every scenario with a stage has: when it is observed."""

    warmup_us: int = parameter(2000, US, "thrown away: the locks' queues and the caches fill within a few times 100 µs", 0)
    length_us: int = parameter(12_000, US, "the time observed, per seed; the confidence interval says whether it is long enough", 1)
    max_steps: int = parameter(20_000_000, COUNT, "an end for a stage that does not come to one by itself: operations of all CPUs", 1)
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
            raise ParameterError(f"{where}no such parameter: {name}; choose from {', '.join(known)}")
        changes[name] = _parse(known[name], text, where)
    return replace(parameters, **changes)


def _parse(each: Field[Any], text: str, where: str) -> Any:
    choices = each.metadata["choices"]
    if isinstance(each.default, str):
        if choices and text not in choices:
            raise ParameterError(f"{where}{each.name} is one of {', '.join(choices)}, not {text!r}")
        return text
    words = text.split(",") if isinstance(each.default, tuple) else [text]
    values = tuple(_number(each, word, where) for word in words if text)
    return values if isinstance(each.default, tuple) else values[0] if values else _number(each, text, where)


def _number(each: Field[Any], word: str, where: str) -> int:
    least = each.metadata["least"]
    try:
        value = int(word)
    except ValueError:
        value = least - 1
    if value < least:
        raise ParameterError(f"{where}{each.name} is a whole number of at least {least}, not {word!r}")
    return value
