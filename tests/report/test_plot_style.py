"""How plots look."""

from __future__ import annotations

import warnings
from itertools import pairwise

import pytest

pytest.importorskip("matplotlib")

import matplotlib
from matplotlib.colors import to_rgb

from harness.report.plot_style import COLOURS, WIDEST, drawing, looks, new_figure
from harness.report.plot_text import INK


def _luminance(colour: str) -> float:
    """As WCAG 2 has it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colour", [colour for colour in COLOURS if colour != INK])
def test_colours_are_seen_on_white_and_on_black(colour: str) -> None:
    """A contrast of 3 to 1 with either, which WCAG 2 wants of graphics."""
    assert 1.05 / (_luminance(colour) + 0.05) >= 3
    assert (_luminance(colour) + 0.05) / 0.05 >= 3


@pytest.mark.parametrize("count", [1, 2, 6, 40])
def test_no_curve_hides_another_one(count: int) -> None:
    """Each is narrower than all beneath it, none is too wide, and no two neighbours have one colour, dash or marker."""
    found = looks(count)
    widths = [look.width for look in found]
    assert widths == sorted(set(widths), reverse=True)
    assert widths[0] <= WIDEST
    for below, above in pairwise(found):
        assert below.colour != above.colour
        assert below.dash != above.dash
        assert below.marker != above.marker
    assert len({(look.colour, look.dash, look.marker) for look in found}) == count


def test_draws_by_its_own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the user has configured; that is untouched, and nothing is said of letters that no font has."""
    monkeypatch.setitem(matplotlib.rcParams, "axes.linewidth", 33)
    with drawing(), warnings.catch_warnings(record=True) as said:
        assert matplotlib.rcParams["axes.linewidth"] == 0.8
        new_figure(1, "\u4e00 $x_{$").savefig("/dev/null", format="svg")
    assert said == []
    assert matplotlib.rcParams["axes.linewidth"] == 33
