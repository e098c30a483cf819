"""The documents: what they link to is there, and the README can be read in five minutes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# Words that somebody reads in five minutes.
MOST_WORDS = 2100


def prose(text: str) -> str:
    """Without what is executed or printed."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(text: str) -> set[str]:
    """What GitHub calls the headings."""
    titles = re.findall(r"^#+ (.*)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """To a file of the repository, and to a heading of it if they name one."""
    links = re.findall(r"\]\(([^)\s]+)\)", prose(path.read_text(encoding="utf-8")))
    missing = []
    for link in (link for link in links if not re.match(r"https?:", link)):
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            missing.append(link)
    assert missing == []


def test_the_readme_is_short() -> None:
    """What takes longer to read is in docs."""
    assert len(prose((ROOT / "README.md").read_text(encoding="utf-8")).split()) <= MOST_WORDS


def test_every_page_is_reached() -> None:
    """Each document is linked from the README, or from one that is."""
    reached, new = set(), [ROOT / "README.md"]
    while new:
        path = new.pop()
        reached.add(path)
        links = re.findall(r"\]\(([^)\s#]+\.md)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        new += [target for link in links if (target := (path.parent / link).resolve()).is_file() and target not in reached]
    assert [str(path.relative_to(ROOT)) for path in DOCUMENTS if path not in reached] == []
