"""A page as a browser reads it, as far as tests want to know: elements that are closed where they have to be, their attributes, texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = ("meta", "input", "br")
# Their content is no markup.
RAW = ("script", "style")


@dataclass
class Element:
    """An element; `inner` has its texts and elements in order."""

    tag: str
    attributes: dict[str, str]
    inner: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text that a reader sees."""
        return "".join(each if isinstance(each, str) else "" if each.tag in RAW else each.text for each in self.inner)

    @property
    def every(self) -> Iterator[Element]:
        """All elements within, and itself."""
        yield self
        for each in self.inner:
            if isinstance(each, Element):
                yield from each.every

    def all(self, tag: str, name: str = "") -> list[Element]:
        """The elements with that tag, and with that class if one is named."""
        return [each for each in self.every if each.tag == tag and (not name or name in each.attributes.get("class", "").split())]

    def by_id(self, anchor: str) -> Element:
        """The element with that identifier, of which there is one."""
        (found,) = [each for each in self.every if each.attributes.get("id") == anchor]
        return found

    @property
    def rows(self) -> list[list[str]]:
        """Of a table, the texts of its cells."""
        return [[cell.text.strip() for cell in row.every if cell.tag in ("td", "th")] for row in self.all("tr")]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), (tag, attrs)
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inner.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        # (`<br/>` is told as if there were a `</br>`.)
        assert tag in VOID or self.open.pop().tag == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.open[-1].inner.append(data)


def read(text: str) -> Element:
    """The whole page; fails if an element is not closed, or in the wrong place."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.open) == 1, [each.tag for each in reader.open]
    return reader.root
