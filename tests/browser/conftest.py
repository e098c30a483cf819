"""A browser and reports, made once for all tests of this directory, which need the extra `browser` and a Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.cli import brief_ladder, run
from harness.cli.arguments import parse
from harness.cli.carry_out import Plan, Run, carry_out
from harness.cli.exit_codes import BAD
from harness.measure.lock_ladder import LockLadder
from tests.browser.visitor import FLAGS, NAMES, PATIENCE_MS, Visitor, chromium, visiting
from tests.report.html.measured_stages import measured

# Two clauses, three kinds, three stages: kept, broken, broken by the stage before already; an assertion and a deadlock.
WORDS = ("run", "0", "1", "2", "--series", "posted", "--check", "kill-cancels", "kill-independent", "--seeds", "1", "--executions", "200")


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Chromium, as long as tests of this directory run."""
    playing = pytest.importorskip("playwright.sync_api", reason="no playwright here: install the extra `browser`")
    path = chromium()
    if path is None:
        pytest.skip(f"no Chromium here: none of {', '.join(NAMES)} is in PATH")
    with playing.sync_playwright() as player:
        opened = player.chromium.launch(executable_path=path, args=FLAGS, timeout=PATIENCE_MS)
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def report(browser: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on a small run, with figures that were made up: to measure takes too long. (Nobody needs it who has no browser.)"""
    path = tmp_path_factory.mktemp("report") / "report.html"

    def without_measuring(targets: Any, plan: Plan, jobs: int, cache: Any = None) -> Run:
        done = carry_out(targets, replace(plan, performance=False), jobs, cache)
        for stage in done.stages:
            stage.performance = measured(stage.index)
        done.plan = plan
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "carry_out", without_measuring)
        patch.setattr(brief_ladder, "BRIEF", LockLadder(cpus=(1, 4, 8), length=100_000))
        assert parse([*WORDS, "--html", str(path)]).run() == BAD
    return path


@pytest.fixture
def visitor(browser: Any, report: Path) -> Iterator[Visitor]:
    """Somebody who opens the report; a test fails if that has the page complain, or ask the network for anything."""
    yield from visiting(browser, report)
