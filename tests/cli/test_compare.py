"""`harness compare`: two versions of a series, from whatever they come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.invocation import Harness
from tests.sources import forty_commits
from tests.sources.repositories import Repository, everything

# Clauses that the faults of `forty_commits` are about.
QUICK = ("--check", "before-init", "one-per-iteration", "--seeds", "1", "--executions", "100")
THERE = ("--file", "stage.py", "--repo", "repo")


def branch(repo: Repository, name: str, *patches: tuple[str, Sequence[str]]) -> None:
    """A branch from `base` with a commit for each subject, after which the stage has these faults."""
    repo.git("checkout", "--quiet", "-b", name, "base")
    for number, (subject, faults) in enumerate(patches, 1):
        repo.commit(subject, stage=forty_commits.source(faults, number))


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Version 1 breaks two clauses; 2 mends one of them, 3 breaks another one, and in 4 half a change cannot be tested."""
    repo = Repository(tmp_path_factory.mktemp("versions") / "repo")
    repo.commit("base", stage=forty_commits.source((), 0))
    repo.git("tag", "base")
    branch(repo, "v1", ("early", ["early"]), ("order", ["early", "two vcpu"]))
    branch(repo, "v2", ("early", []), ("order", ["two vcpu"]))
    branch(repo, "v3", ("early", []), ("order", ["two vcpu"]), ("more", ["two vcpu", "two softirq"]))
    repo.git("checkout", "--quiet", "-b", "v4", "base")
    repo.commit("early", stage="def :")
    repo.commit("order", stage=forty_commits.source(["two vcpu"], 2))
    return repo


def rows(out: str) -> list[list[str]]:
    """The cells of the first table, which is in the format tsv."""
    return [
        [cell.strip() for cell in (line + "\t" * 8).split("\t")][:9] for line in out.split("\n\n")[0].splitlines() if line.count("\t") > 1
    ]


def test_ranges(harness: Harness, versions: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is mended, new and unchanged, patch by patch; the exit codes. The repository is only read, and the cache is used."""
    monkeypatch.setenv("HARNESS_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "repo").symlink_to(versions.directory)
    before = everything(versions.directory)
    mended = harness("compare", "base..v1", "base..v2", *THERE, *QUICK, "--tablefmt", "tsv", "--json", "a.json")
    assert (mended.returncode, mended.stderr) == (0, "")
    early, order = "before-init", "one-per-iteration (vcpu)"
    assert rows(mended.stdout)[1:] == [
        ["1", "1", "early", early, "", early, "", "", ""],
        ["2", "2", "order", order, order, "", "", order, ""],
    ]
    said = f"no patch of v2 newly breaks a clause; mended in v2: {early}, which patch 1 of v1 broke; patch 2 of v2 still breaks {order}"
    assert mended.stdout.splitlines()[-1] == f"2 of 28 clauses under tso: {said}"
    document = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert (document["newly_broken"], document["undecided"], document["conclusion"]) == (False, False, mended.stdout.splitlines()[-1])
    (pair,) = document["patches"][1]["verdicts"]
    assert pair == {"clause": "one-per-iteration", "kind": "vcpu", "model": "tso", "v1": "breaks", "v2": "breaks", "said": "unchanged"}
    broken = harness("compare", "base..v2", "base..v3", *THERE, *QUICK, "--tablefmt", "tsv")
    assert broken.returncode == 1
    assert "came from the cache" in broken.stderr
    both = "one-per-iteration (softirq, irq-client)"
    assert rows(broken.stdout)[3] == ["new", "3", "more", "", both, "", both, "", ""]
    assert f"patch 3 of v2 newly breaks {both}" in broken.stdout.splitlines()[-1]
    undecided = harness("compare", "base..v2", "base..v4", *THERE, *QUICK, "--tablefmt", "tsv")
    assert undecided.returncode == 3
    assert rows(undecided.stdout)[1][8] == "one-per-iteration, before-init"
    assert rows(undecided.stdout)[2][4] == f"{order} (or before)"
    assert "no patch of v2 newly breaks a clause, as far as that could be compared" in undecided.stdout.splitlines()[-1]
    assert "\nv2: stage 1 cannot be tested: it " in undecided.stdout
    assert everything(versions.directory) == before
