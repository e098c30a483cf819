"""How large the HTML report of a series is, and how long Chromium takes until it can be read: `python -m tests.bench.report_page [SERIES]`.

It runs the series (from the cache, if it is known), opens the report several times, each time in a new browser, and prints the size, the
median times and the number of elements; needs the extra `browser` and a Chromium. Exit code 1: one of the limits below is not kept.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

from harness.cli.exit_codes import BAD, GOOD, UNDECIDED
from tests.browser.visitor import FLAGS, WIDE, chromium

DEFAULT_SERIES = "posted"
LARGEST_MB, LONGEST_MS = 5.0, 2000.0
TIMES = 5

# Of one visit, in milliseconds: until everything has been read and the script has run, and until the page has been painted after that.
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
PAINTED = "new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"


def written(series: str, path: Path) -> None:
    """Have the report written."""
    command = [sys.executable, "-m", "harness", "run", "--series", series, "--html", str(path)]
    code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    if code not in (GOOD, BAD, UNDECIDED):
        raise SystemExit(f"harness run ended with exit code {code}")


def visit(player: Any, path: Path) -> tuple[float, float, int]:
    """Load and paint times in ms of a browser that has just been started, and how many elements the page has."""
    browser = player.chromium.launch(executable_path=chromium(), args=FLAGS)
    try:
        page = browser.new_page(viewport={"width": WIDE, "height": 800})
        page.goto(path.as_uri())
        painted = page.evaluate(PAINTED)
        return page.evaluate(LOADED), painted, page.locator("*").count()
    finally:
        browser.close()


def main(words: list[str]) -> int:
    """Measure, and say what came out."""
    series = words[0] if words else DEFAULT_SERIES
    if chromium() is None:
        raise SystemExit("no Chromium is in PATH")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as player:
        path = Path(place, "report.html")
        written(series, path)
        size = path.stat().st_size / 1e6
        loaded, painted, elements = (median(column) for column in zip(*(visit(player, path) for _ in range(TIMES)), strict=True))
    print(f"{series}: {size:.2f} MB (limit {LARGEST_MB:g}), {elements:,.0f} elements")
    print(f"median of {TIMES} visits: loaded after {loaded:.0f} ms, painted after {painted:.0f} ms (limit {LONGEST_MS:g})")
    return int(size >= LARGEST_MB or painted >= LONGEST_MS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
