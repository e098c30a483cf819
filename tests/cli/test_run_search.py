"""`harness run --search`: who breaks which clause, found by testing few commits of a real repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.broken_again import last, make, said
from tests.sources.repositories import Repository


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The repository."""
    return make(tmp_path_factory.mktemp("repo"))


def test_a_run_that_searches(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """A row for what it finds, and nothing is said of what was not tested."""
    code, out = said(capsys, repo, "run", "--range", "base..early", "--search", "binary")
    assert code == 1
    row = "before-init softirq, vcpu, irq-client patch 2 breaks it: stage 1 keeps it and stage 2 violates it, once more from scratch 3 of 3"
    assert row in [" ".join(line.split()) for line in out.splitlines()]
    assert last(out) == "partial: binary search under tso: patch 2 breaks before-init (softirq, vcpu, irq-client)"


def test_a_run_that_finds_nothing_or_has_no_answer(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit codes as without a search: nothing bad was found; something has no verdict."""
    code, out = said(capsys, repo, "run", "--range", "base..tidy", "--search", "linear")
    assert (code, last(out)) == (0, "partial: linear search under tso: no patch is found to break a clause")
    assert "\nboth ends keep, 2 of 2 stages tested: before-init (softirq, vcpu, irq-client)\n" in out
    code, out = said(capsys, repo, "run", "--range", "base..", "--search", "linear")
    assert (code, last(out)) == (3, "partial: linear search under tso: no answer: before-init (softirq, vcpu, irq-client)")


def test_what_is_accepted_accuses_nobody(repo: Repository, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """From its patch on; it is said, with why."""
    accept = tmp_path / "accept.toml"
    accept.write_text(
        '[[accepted]]\nclause = "before-init"\nkinds = ["softirq", "vcpu", "irq-client"]\npatch = 2\nwhy = "Known."\n', encoding="utf-8"
    )
    code, out = said(capsys, repo, "run", "--range", "base..early", "--search", "binary", "--accept", str(accept))
    assert (code, last(out)) == (0, "partial: binary search under tso: no patch is found to break a clause")
    assert "\naccepted from patch 2: before-init (softirq, vcpu, irq-client): Known.\n" in out
