"""`harness bisect`: the patch that breaks a clause, found by testing few commits of a real repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cache_place import VARIABLE
from harness.cli.arguments import parse
from harness.cli.bisect import BisectRequest, source_of
from harness.cli.main import main
from tests.cli.broken_again import CHECK, last, make, said
from tests.sources.repositories import Repository, everything


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The repository."""
    return make(tmp_path_factory.mktemp("repo"))


def test_one_culprit(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, with how to see what it does, and was tested once more with its parent; the repository is only read."""
    before = everything(repo.directory)
    code, out = said(capsys, repo, "bisect", "base..early", "--kind", "softirq")
    steps = [line.split() for line in out.splitlines()[3:8]]
    assert [(step[1], step[2], " ".join(step[6:])) for step in steps] == [
        ("0", repo.git("rev-parse", "base")[:10], "keeps it"),
        ("2", repo.git("rev-parse", "early")[:10], "violates it"),
        ("1", repo.git("rev-parse", "tidy")[:10], "keeps it"),
        ("1", repo.git("rev-parse", "tidy")[:10], "keeps it, from scratch"),
        ("2", repo.git("rev-parse", "early")[:10], "violates it, from scratch"),
    ]
    assert last(out) == (
        "before-init (softirq): patch 2 breaks it: stage 1 keeps it and stage 2 violates it, once more from scratch · 3 of 3 stages tested"
    )
    assert " h2/base..early/2/" in out
    assert code == 0
    assert everything(repo.directory) == before


def test_several_suspects(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """A commit that is no Python accuses nobody: it is this one or the next."""
    code, out = said(capsys, repo, "bisect", "--range", "mended..", "--kind", "softirq")
    assert code == 1
    assert "before-init (softirq): one of patches 1, 2 breaks it: stage 0 keeps it and stage 2 violates it" in last(out)
    assert "stage 1: no verdict (untestable: is not Python: invalid syntax, line " in last(out)
    assert last(out).endswith(" · 4 of 4 stages tested")


@pytest.mark.parametrize(
    ("where", "sentence"),
    [("base..tidy", "both ends keep it · 2 of 2"), ("early..tip", "the base violates it already · 2 of 5"), ("tidy..half", "no search: ")],
)
def test_ends_between_which_there_is_nothing_to_find(
    repo: Repository, capsys: pytest.CaptureFixture[str], where: str, sentence: str
) -> None:
    """It is said, nothing between them is tested, and nobody accused."""
    code, out = said(capsys, repo, "bisect", where, "--kind", "softirq")
    assert (code, sentence in last(out)) == (3, True), out


def test_broken_mended_and_broken_again(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """A linear search lists all of that and accuses nobody; a binary one finds one change, and says that it sees no more."""
    code, out = said(capsys, repo, "bisect", "base..", "--search", "linear", "--kind", "softirq")
    assert code == 3
    assert "inconsistent: stage 1 keeps it and stage 2 violates it; stage 2 violates it and stage 3 keeps it; stage 3 keeps" in last(out)
    code, out = said(capsys, repo, "bisect", "base..", "--kind", "softirq")
    assert code == 1
    assert "a binary search sees one change of each clause" in out


def test_a_second_search_takes_from_the_cache_all_but_what_accuses(
    repo: Repository, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it prints the same."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    words = ["bisect", "base..early", *CHECK, "--kind", "softirq", "--file", "stage.py", "--repo", str(repo.directory)]
    assert main(words) == 0
    first = capsys.readouterr()
    assert main(words) == 0
    second = capsys.readouterr()
    assert second.out == first.out
    # A load and a test of each of three stages; the two of them that are tested once more are not asked for.
    assert "6 of 6 outcomes came from the cache" in second.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("bisect posted", "bisect needs --check ID"),
        ("bisect posted --check nonsense", "unknown clause 'nonsense'"),
        ("bisect nonsense --check fifo", "unknown series 'nonsense'"),
        ("bisect posted --check fifo --kind nonsense", "no clause is tested for kind"),
        ("bisect posted --series fixed --check fifo", "'posted' and --series name a series each"),
        ("bisect posted --suite litmus --check sb", ""),
        ("bisect posted --check fifo --model arm --core 2014", "a search goes without --core"),
        ("bisect --check fifo --search all", "invalid choice: 'all'"),
        ("run --search binary 1 2", "a search chooses the stages itself: that goes with --search all"),
        ("run --search linear --reply --new-only", "--reply and --new-only tell of every stage: that goes with --search all"),
        ("run --search linear --json out --junit out2", "--json and --junit tell of every stage: that goes with --search all"),
        ("run --suite litmus --search binary", "suite litmus has no stages to search"),
    ],
)
def test_wrong_usage(words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line that says what is wrong, before anything is tested."""
    assert main(words.split()) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err


@pytest.mark.parametrize(
    ("words", "series", "revisions"),
    [
        ("posted", "posted", None),
        ("here", "here", None),
        ("../here", "../here", None),
        ("main..topic", None, "main..topic"),
        ("..", None, ".."),
        ("--range a..b", None, "a..b"),
        ("", None, None),
    ],
)
def test_what_is_searched(words: str, series: str | None, revisions: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word with two dots is a range, unless it is a path to a directory."""
    (tmp_path / "here" / "below").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "here" / "here").mkdir()
    request: BisectRequest = parse(["bisect", *words.split(), "--check", "fifo"]).request
    source = source_of(request)
    assert (source.series, source.range) == (series, revisions)
