"""A figure of matplotlib as SVG for a page: in the page's own ink and on its ground, and with no identifier that another plot has.

Colours and widths become attributes, so that a page which allows no inline style shows them as well; what nobody refers to is left out.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

from matplotlib.figure import Figure

from harness.report.plot_text import INK

FONT = "'DejaVu Sans', Verdana, sans-serif"
# What the figure sets for everything in it.
ROOT = {"stroke-linejoin": "round", "stroke-linecap": "butt", "fill": "currentColor", "font-family": FONT}
LEFT_OUT = ("metadata", "style")
# Of `url(#p1)`, and of `#p1` where that is all.
REFERENCE = re.compile(r"(?:(?<=url\(#)|(?<=^#))[^)]+")
# Of a page, to a point.
PIXELS = 4 / 3
# Of coordinates; a unit is a 72nd of an inch.
NUMBER = re.compile(r"-?\d+\.\d{2,}")


def inline_svg(figure: Figure, name: str, label: str) -> str:
    """The element `svg`; `name` begins its identifiers, and `label` is what who cannot see it is told. Only within `drawing()`."""
    file = io.BytesIO()
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    root = ET.fromstring(file.getvalue())
    _tidy(root)
    _name_anew(root, name)
    view = root.attrib["viewBox"]
    width, height = (f"{float(points) * PIXELS:.0f}" for points in view.split()[2:])
    root.attrib.clear()
    root.attrib |= {"class": "plot", "viewBox": view, "width": width, "height": height, "role": "img", "aria-label": label, **ROOT}
    return re.sub(r"\s*\n\s*", "", ET.tostring(root, encoding="unicode"))


def _tidy(element: ET.Element) -> None:
    """Leave only what a page needs, in names without a namespace."""
    element.tag = _local(element.tag)
    for key in list(element.attrib):
        value = element.attrib.pop(key)
        element.attrib |= _declared(value) if key == "style" else {_local(key): _short(key, value)}
    if element.attrib.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    for child in list(element):
        if _local(child.tag) in LEFT_OUT:
            element.remove(child)
        else:
            _tidy(child)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _short(key: str, value: str) -> str:
    """Coordinates to the tenth; paths on one line."""
    return NUMBER.sub(lambda number: f"{float(number[0]):.1f}", value).replace("\n", "") if key in ("d", "x", "y", "transform") else value


def _declared(style: str) -> dict[str, str]:
    """The declarations of a style as attributes."""
    pairs = [declaration.partition(":") for declaration in style.split(";")]
    return dict(pair for name, _, value in pairs for pair in _attributes(name.strip(), value.strip()))


def _attributes(name: str, value: str) -> list[tuple[str, str]]:
    if name == "font-family":
        return []
    if name == "font":
        # Such as `bold 10px 'DejaVu Sans', …`: the family is that of the root.
        size = re.search(r"[\d.]+px", value)
        return [("font-size", size[0])] if size else []
    return [(name, "currentColor" if value == INK else value)]


def _name_anew(root: ET.Element, name: str) -> None:
    """Number the identifiers that something refers to, and drop the others."""
    elements = list(root.iter())
    used = dict.fromkeys(found for element in elements for _, value in _referring(element) for found in REFERENCE.findall(value))
    names = {old: f"plot-{name}-{number}" for number, old in enumerate(used, start=1)}
    for element in elements:
        element.attrib |= {key: REFERENCE.sub(lambda found: names[found[0]], value) for key, value in _referring(element)}
        if (old := element.attrib.pop("id", "")) in names:
            element.attrib["id"] = names[old]


def _referring(element: ET.Element) -> list[tuple[str, str]]:
    """The attributes that refer to another element."""
    return [(key, value) for key, value in element.attrib.items() if key == "href" or value.startswith("url(#")]
