"""`harness compare`: two versions of a series, from whatever they come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import main
from harness.cli.arguments import parse
from harness.cli.compare import CompareRequest, _sources
from harness.cli.series_source import NO_SOURCE, SourceRequest
from tests.cli.invocation import Harness
from tests.report.html.page_read import read
from tests.sources import forty_commits
from tests.sources.repositories import Repository, everything

# A clause that some faults of `forty_commits` are about.
QUICK = ("--check", "one-per-iteration", "--seeds", "1", "--executions", "100")
THERE = ("--file", "stage.py", "--repo", "repo")


def branch(repo: Repository, name: str, *patches: tuple[str, Sequence[str]]) -> None:
    """A branch from `base` with a commit for each subject, after which the stage has these faults."""
    repo.git("checkout", "--quiet", "-b", name, "base")
    for number, (subject, faults) in enumerate(patches, 1):
        repo.commit(subject, stage=forty_commits.source(faults, number))


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Version 1 breaks a clause in two ways; 2 mends one of them, and a new patch of 3 breaks it again."""
    repo = Repository(tmp_path_factory.mktemp("versions") / "repo")
    repo.commit("base", stage=forty_commits.source((), 0))
    repo.git("tag", "base")
    branch(repo, "v1", ("early", ["two softirq"]), ("order", ["two softirq", "two vcpu"]))
    branch(repo, "v2", ("early", []), ("order", ["two vcpu"]))
    branch(repo, "v3", ("early", []), ("order", ["two vcpu"]), ("more", ["two vcpu", "two softirq"]))
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
    early, order = "one-per-iteration (softirq, irq-client)", "one-per-iteration (vcpu)"
    assert rows(mended.stdout)[1:] == [
        ["1", "1", "early", early, "", early, "", "", ""],
        ["2", "2", "order", order, order, "", "", order, ""],
    ]
    said = f"no patch of v2 newly breaks a clause; mended in v2: {early}, which patch 1 of v1 broke; patch 2 of v2 still breaks {order}"
    assert mended.stdout.splitlines()[-1] == f"1 of 28 clauses under tso: {said}"
    document = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert (document["newly_broken"], document["undecided"], document["conclusion"]) == (False, False, mended.stdout.splitlines()[-1])
    (pair,) = document["patches"][1]["verdicts"]
    assert pair == {"clause": "one-per-iteration", "kind": "vcpu", "model": "tso", "v1": "breaks", "v2": "breaks", "said": "unchanged"}
    broken = harness("compare", "base..v2", "base..v3", *THERE, *QUICK, "--tablefmt", "tsv", "--html", "a.html")
    assert broken.returncode == 1
    assert "came from the cache" in broken.stderr
    assert rows(broken.stdout)[3] == ["new", "3", "more", "", early, "", early, "", ""]
    assert f"patch 3 of v2 newly breaks {early}" in broken.stdout.splitlines()[-1]
    assert everything(versions.directory) == before
    page = read((tmp_path / "a.html").read_text(encoding="utf-8"))
    assert "v2 newly breaks a clause" in page.by_id("overview").text
    command = " ".join(("harness compare base..v2 base..v3", *THERE, *QUICK, "--html report.html"))
    assert command in page.by_id("overview").text
    (shown,) = [each for each in page.all("article", "failure") if "(softirq)" in each.all("h2")[0].text]
    assert shown.all("h2")[0].text == "v2, stage 3: one-per-iteration (softirq)"
    assert shown.all("ol", "steps")
    assert shown.all("pre")[0].text.strip().startswith("harness replay h2/")


def sources(*words: object) -> list[SourceRequest]:
    """Where `harness compare` with these words would take the two versions from."""
    request: CompareRequest = parse(["compare", *map(str, words)]).request
    return _sources(request)


def test_what_a_version_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there by that name, or else a range; options go to the version that they are about."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dir..ectory").mkdir()
    (tmp_path / "v2..mbox").write_text("")
    commits = ("--file", "a.py", "--file", "b.py", "--repo", "r")
    one, other = sources("main..topic", "v2..mbox", *commits, "--base", "main", "--follow")
    assert one == replace(NO_SOURCE, range="main..topic", file=("a.py", "b.py"), repo="r", follow=True)
    assert other == replace(NO_SOURCE, mbox="v2..mbox", file=("a.py", "b.py"), repo="r", base="main")
    assert sources("dir..ectory", "posted") == [replace(NO_SOURCE, series="dir..ectory"), replace(NO_SOURCE, series="posted")]
    mails = sources("v2..mbox", "v2..mbox", "--base", "old", "--new-base", "new")
    assert [each.base for each in mails] == ["old", "new"]


@pytest.mark.parametrize(
    "words",
    [
        "fixed posted",
        "fixed fixed-c --cc clang --cflag=-O2",
        "a..b v2.mbox --base a --file x.c --file y.c --repo r --all-commits --follow --include i --header h --dialect xen --new-base n",
        "a..b c..d --file x.py --suite litmus --check fifo reuse --seeds 2 --executions 9 --seed 4 --model sc,tso --deep",
    ],
)
def test_the_words_ask_for_the_same(words: str) -> None:
    """Whatever decides about the results is in the command line that the page shows."""
    request: CompareRequest = parse(["compare", *words.split()]).request
    assert sorted(request.words) == sorted(["compare", *words.split()])
    assert parse(request.words).request == request


WRONG: list[tuple[Sequence[str], str]] = [
    (("nothing", "fixed"), "there is no 'nothing': name a range BASE..TIP, a mailbox, a directory of stages, or a series"),
    (("fixed", "../nothing"), "there is no '../nothing'"),
    (("fixed", "posted", "--file", "a.py"), "--file is about commits or patches in a mailbox, and there are none here"),
    (("fixed", "base..v1", "--file", "stage.py", "--base", "main"), "--base is about "),
    (("fixed", "posted", "--follow"), "--follow is about "),
    (("fixed", "posted", "--suite", "litmus"), "suite litmus has no stages"),
    (("fixed", "posted", "--core", "2014"), "what only a core of 2014 fails accuses no patch: compare goes without --core"),
    (("fixed", "posted", "--check", "nothing"), "unknown clause 'nothing'"),
    (("base..v1", "base..v1", "--file", "nothing.py"), "no commit of base..v1 has a file nothing.py"),
    (("base..v1", "base..base", "--file", "stage.py"), "base..base is empty"),
    (("fixed", "posted", "--json", "no/where"), "cannot write no/where"),
    (("fixed", "posted", "--html", "no/where"), "cannot write no/where"),
    (("fixed", "posted", "--json", "-", "--html", "-"), "--json and --html name the same file, -; name two"),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_is_wrong(
    words: Sequence[str], said: str, versions: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, exit code 2, and nothing is tested."""
    monkeypatch.chdir(versions.directory)
    assert main(["compare", *words]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("harness: ")
    assert said in err


def test_a_mailbox_and_a_directory(harness: Harness, versions: Repository, tmp_path: Path) -> None:
    """Patches of different sources are matched by their titles; what cannot be tested is not compared. JSON on stdout has it for itself."""
    (tmp_path / "v2.mbox").write_text(versions.git("format-patch", "--stdout", "base..v2") + "\n", encoding="utf-8")
    (tmp_path / "old").mkdir()
    sources = (forty_commits.source((), 0), forty_commits.source(["two softirq"], 1), "def :")
    for number, source in enumerate(sources):
        (tmp_path / f"old/{number}.py").write_text(source, encoding="utf-8")
    tables = [f'[[stage]]\ntitle = "{title}"\nfiles = ["{number}.py"]\n' for number, title in enumerate(("base", "early", "order"))]
    (tmp_path / "old/series.toml").write_text("\n".join(tables), encoding="utf-8")
    where = ("--base", "base", "--file", "stage.py", "--repo", versions.directory)
    result = harness("compare", "old", "v2.mbox", *where, *QUICK, "--json", "-")
    assert result.returncode == 3
    document = json.loads(result.stdout)
    assert [(patch["v1"], patch["v2"], patch["title"]) for patch in document["patches"]] == [(1, 1, "early"), (2, 2, "order")]
    assert [{verdict["said"] for verdict in patch["verdicts"]} for patch in document["patches"]] == [{"mended"}, {"not compared"}]
    assert (document["v1"]["series"], document["v2"]["series"], document["v2"]["stages"]) == ("old", "v2.mbox", 3)
    assert "no patch of v2 newly breaks a clause, as far as that could be compared; mended in v2: " in result.stderr
    assert "\nv1: stage 2 cannot be tested: it " in result.stderr
