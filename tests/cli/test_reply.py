"""`harness run --reply`: a review of a series, wherever it comes from."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from harness.cli import main
from harness.cli.arguments import parse
from harness.cli.replay import ReplayRequest
from tests.cli.invocation import Harness
from tests.sources import forty_commits
from tests.sources.repositories import Repository

QUICK = ("--check", "one-per-iteration", "--no-perf", "--seeds", "1", "--executions", "100")
QUOTED = re.compile(r"\n> \+\+\+ stage\.py\n> @@ -\d+,\d+ \+\d+,\d+ @@\n(> [ +-].*\n|>\n)+\none-per-iteration \(vcpu\): one")


def commands(text: str) -> list[list[str]]:
    """The words of the commands in a review, as a shell reads them."""
    joined = text.replace("\\\n", "")
    return [shlex.split(line) for line in joined.splitlines() if line.startswith("harness replay ")]


def test_a_review_of_commits(harness: Harness, tmp_path: Path) -> None:
    """The patch that breaks something, its lines, a command that shows what happens, and the same as that command prints; as in Markdown.

    The exit code is that of `run`, and files are written, too.
    """
    repo = Repository(tmp_path / "a repository")
    repo.commit("base", stage=forty_commits.source((), 0))
    repo.git("tag", "base")
    commit = repo.commit("two at once", stage=forty_commits.source(["two vcpu"], 1))
    repo.commit("mended", stage=forty_commits.source([], 2))
    where = ("--range", "base..main", "--file", "stage.py", "--repo", "a repository")
    result = harness("run", *where, *QUICK, "--reply", "--json", "out.json", "--markdown", "out.md")
    assert (result.returncode, result.stderr) == (1, "")
    assert (tmp_path / "out.json").is_file()
    said = " ".join(result.stdout.split())
    assert all(len(line) <= 76 or line.startswith("> ") or line.strip().startswith("h2/") for line in result.stdout.splitlines())
    assert said.startswith(f"Patch 1, “two at once” ({commit[:12]}), breaks what the tree before it keeps: one-per-iteration (vcpu).")
    assert "Patch 2 repairs one-per-iteration (vcpu)." in said
    assert QUOTED.search(result.stdout)
    effort = "every interleaving up to 100 a program, 1 seed in virtual time, memory model tso (x86's store buffers)"
    assert f"Tested: 1 of 28 clauses, 3 of 3 stages; {effort}." in said
    ((_, *words),) = commands(result.stdout)
    replayed = harness(*words, "--width", 76)
    assert (replayed.returncode, replayed.stderr) == (1, "")
    # Of a long execution a mail has the beginning and the end.
    first, last = re.split(r"rows \d+ to \d+ are left out\n", result.stdout)
    # It calls the series as the command does, by hashes.
    assert replayed.stdout.partition(", ")[2].startswith(first.rpartition("\n")[0].partition("\nseries base..main, ")[2])
    assert replayed.stdout.endswith(last.partition("\n\n")[0] + "\n")
    assert f"\n```text\nseries base..main, {replayed.stdout.partition(', ')[2]}```\n" in (tmp_path / "out.md").read_text(encoding="utf-8")
    (violated,) = re.findall(r"Violated: (.+?) harness replay", said)
    assert " ".join(replayed.stdout.split()).endswith(violated)


def test_nothing_to_reply(harness: Harness) -> None:
    """Of a series that ships; exit code 0."""
    result = harness("run", 5, *QUICK, "--reply")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Nothing to reply: no patch is found to break")
    assert "Tested: 1 of 28 clauses, 1 of 6 stages;" in " ".join(result.stdout.split())


@pytest.mark.parametrize("option", ["--reply", "--new-only"])
def test_a_suite_without_stages(capsys: pytest.CaptureFixture[str], option: str) -> None:
    """It has no patches."""
    assert main(["run", "--suite", "litmus", option]) == 2
    assert capsys.readouterr() == ("", f"harness: {option} is about patches, and suite litmus has no stages\n")


@pytest.mark.parametrize(
    "words",
    [
        ["--range", "main..", "--file", "a", "--file", "b", "--follow", "--all-commits"],
        ["--mbox", "x.mbox", "--base", "main", "--repo", "r"],
        ["--series", "a directory"],
    ],
)
def test_the_options_that_name_a_series(words: list[str]) -> None:
    """Read again, they say the same; the name of a series that ships is in each replay string."""
    request: ReplayRequest = parse(["replay", "string", *words]).request
    again: ReplayRequest = parse(["replay", "string", *request.source.words]).request
    assert again == request
    assert request.source.words
    assert parse(["replay", "string", "--series", "posted"]).request.source.words == ()
