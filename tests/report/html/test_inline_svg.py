"""SVG for a page, of a figure that has everything."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

pytest.importorskip("matplotlib")

from harness.report.html.inline_svg import inline_svg
from harness.report.plot_style import drawing, new_figure


@pytest.fixture(scope="module")
def root() -> ElementTree.Element:
    """A line with markers and a clipped area, below a title in bold."""
    with drawing():
        figure = new_figure(2)
        area = figure.subplots()
        area.plot([1, 2], [3, 4], color="#000000", marker="o")
        area.fill_between([1, 2], [3, 4], color="#0072b2")
        area.set_title("a <b> & c", weight="bold")
        return ElementTree.fromstring(inline_svg(figure, "some", 'said "so"'))


def test_its_names_are_its_own(root: ElementTree.Element) -> None:
    """All begin with the name of the plot, and somebody refers to each."""
    names = [each.attrib["id"] for each in root.iter() if "id" in each.attrib]
    assert names
    assert all(name.startswith("plot-some-") for name in names)
    values = [value for each in root.iter() for value in each.attrib.values()]
    assert all(f"#{name}" in values or f"url(#{name})" in values for name in names)


def test_it_is_drawn_with_the_ink_of_the_page(root: ElementTree.Element) -> None:
    """What is black is of the current colour, other colours stay, there is no ground, and no attribute is a style."""
    attributes = [(name, value) for each in root.iter() for name, value in each.attrib.items()]
    assert ("stroke", "currentColor") in attributes
    assert ("fill", "#0072b2") in attributes
    assert root.attrib["fill"] == "currentColor"
    assert {name for name, value in attributes if value in ("#000000", "#ffffff")} == set()
    assert "style" not in dict(attributes)
    assert {each.tag for each in root.iter()} <= {"svg", "g", "path", "defs", "use", "text", "clipPath", "rect"}


def test_text_stays_text(root: ElementTree.Element) -> None:
    """With its size; for who cannot see it, the whole has a name."""
    (title,) = (each for each in root.iter("text") if each.text == "a <b> & c")
    assert title.attrib["font-size"].endswith("px")
    assert root.attrib["aria-label"] == 'said "so"'
