"""Single stages are named by numbers of a series, wherever it comes from, or by files; and what is printed names them again."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import named_stages
from harness.cli.arguments import parse
from harness.cli.completion import GrammarRequest
from harness.cli.exit_codes import UsageError
from harness.cli.grammar import GrammarWord, grammar_of
from harness.cli.main import main
from harness.cli.named_stages import NamedStages
from harness.cli.replay import ReplayRequest
from harness.cli.series_source import NO_SOURCE, Sourced, SourceRequest, sourced
from harness.cli.skeleton import FILES
from harness.sources.target import NO_SERIES
from stages import POSTED
from stages.api import DEFAULT_SUITE
from tests.cli.invocation import Harness
from tests.pytest_plugin.made_series import LOST, counter_series
from tests.sources.repositories import Repository

COMMIT = ("--range", "base..topic")
MAILS = ("--mbox", "../patches.mbox", "--base", "base")
PROGRAM = ("--program", "two-cpus", "--tablefmt", "plain")
SHORT = ("--runs", "2", "--set", "length_us=100", "--set", "warmup_us=20")


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A series of a baseline and a patch that breaks a clause, as somebody names it who is beside it."""
    counter_series(tmp_path, LOST)
    monkeypatch.chdir(tmp_path)
    return "series"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as commits, one more patch included, in a repository that says what they are; HEAD is at the base; and a mailbox."""
    place = tmp_path_factory.mktemp("made")
    made = Repository(place / "repository")
    first = {"counter.py": FILES["series/0.py"], "counter_suite.py": FILES["counter_suite.py"]}
    made.commit_all("base", {**first, "harness.toml": 'files = ["counter.py"]\nsuite = "counter_suite.py"\n'})
    made.git("tag", "base")
    made.commit_all("lose", {"counter.py": LOST})
    made.commit_all("say", {"counter.py": f"{LOST}# The end.\n"})
    made.git("branch", "topic")
    (place / "patches.mbox").write_text(made.git("format-patch", "--stdout", "base..topic") + "\n")
    made.git("checkout", "--quiet", "base")
    return place


@pytest.fixture
def repo(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A copy of it, to stand in."""
    (tmp_path / "patches.mbox").symlink_to(made / "patches.mbox")
    copied = Repository.copy(made / "repository", tmp_path / "repository")
    monkeypatch.chdir(copied.directory)
    return copied


def of_series(name: str, suite: str | None = None) -> NamedStages:
    """Stages of a directory, or of a series that ships."""
    return NamedStages(replace(NO_SOURCE, series=name), suite)


def of_words(*words: str) -> NamedStages:
    """Stages of what options name."""
    request: ReplayRequest = parse(["replay", "h2", *words]).request
    return NamedStages(request.source)


def test_numbers_of_a_directory(directory: str) -> None:
    """They are those that `harness run` has; without numbers, all; the suite is the one of the directory."""
    named = of_series(directory)
    assert [target.label for target in named.numbered([])] == ["stage 0", "stage 1"]
    (one,) = named.numbered([1])
    assert one == named.stage_or_file("1")
    assert (one.series, one.source) == ("counter", LOST.encode())
    assert one.suite.endswith("counter_suite.py#" + one.suite[-16:])
    assert named.series_suite == one.suite
    assert of_series(directory, DEFAULT_SUITE).numbered([1])[0].suite == DEFAULT_SUITE


def test_a_series_that_ships_and_a_file(directory: str) -> None:
    """A file is in no series, whatever else is named; and what replay strings name is not named again."""
    posted, here = of_series("posted"), of_series(directory)
    two, four = posted.numbered([4, 2])
    assert (two.index, four.index) == (2, 4)
    assert NamedStages(NO_SOURCE).numbered([0])[0].series == "fixed"
    assert posted.series_suite == DEFAULT_SUITE
    file = here.stage_or_file(f"{directory}/1.py")
    assert file.series == NO_SERIES
    assert posted.words(two, "2") == ()
    assert here.words(file, f"{directory}/1.py") == (f"{directory}/1.py",)
    assert here.words(here.numbered([1])[0], "1") == ("--series", directory)


@pytest.mark.parametrize("words", [COMMIT, MAILS])
def test_numbers_of_commits_and_mails(repo: Repository, words: tuple[str, ...]) -> None:
    """The base is stage 0; the repository says what the stage and the suite are; hashes name the same stages later."""
    named = of_words(*words)
    base, last = named.numbered([2, 0])
    assert [target.title for target in named.numbered([])] == ["baseline", "lose", "say"]
    assert (base.commit, last.source) == (repo.git("rev-parse", "base"), f"{LOST}# The end.\n".encode())
    assert "counter_suite.py#" in named.series_suite
    assert named.remarks([base]) == ""
    assert not named.ends_early
    repo.git("tag", "--force", "base", "topic")
    repo.git("branch", "--force", "topic", "base~2")
    assert of_words(*named.words(last, "2")).numbered([2])[0].source == last.source


def test_what_is_no_series(directory: str) -> None:
    """One line, also where a file is named and no number."""
    for work in (
        lambda name: of_series(name).require(["series/1.py"]),
        lambda name: of_series(name).require([]),
        lambda name: of_series(name).numbered([]),
    ):
        with pytest.raises(UsageError, match=r"^unknown series 'postet' \(did you mean posted\?\): .*, or name a directory of stages$"):
            work("postet")
        with pytest.raises(UsageError, match=r"^there is no directory 'no/where' of stages$"):
            work("no/where")
    with pytest.raises(UsageError, match=r"^unknown stage 7: series counter has 0 to 1$"):
        of_series(directory).numbered([7])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*COMMIT, *MAILS], "--range and --mbox name a series each: choose one"),
        ([*COMMIT, "--series", "posted"], "--series and --range name a series each: choose one"),
        (["--base", "base"], "--base goes with --mbox; a range has its base in it: BASE..TIP"),
        (["--file", "counter.py"], "--file goes with --range or --mbox"),
        ([*MAILS, "--follow"], "--follow goes with --range"),
        (["--range", "nowhere..topic"], "there is no commit 'nowhere' in the repository: name a branch, a tag or a hash"),
        (["--range", ""], "'' is no range: write BASE..TIP, such as main..topic"),
        (["--range", "base..topic", "--repo", "no/where"], "'no/where' is no directory; name a git repository with --repo"),
        (["--mbox", "no.mbox"], "cannot read the mailbox no.mbox: No such file or directory"),
        ([*COMMIT, "--cc", "gcc"], "--cc is about stages in C, and there is none here"),
    ],
)
def test_what_is_wrong(repo: Repository, words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, which is that of `harness run`, and exit code 2."""
    for command in (["run"], ["explore", "nothing-lost", "0"], ["diff", "0", "1"], ["perf", "0"]):
        assert main([*command, *words]) == 2
        assert capsys.readouterr() == ("", f"harness: {said}\n")


@pytest.mark.parametrize("command", [("explore", "nothing-lost"), ("diff", "counter.py"), ("perf", "--suite", DEFAULT_SUITE)])
def test_commits_are_not_named_in_vain(repo: Repository, command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Where only files are named, nobody has to wonder which content was taken."""
    assert main([*command, "counter.py", *COMMIT]) == 2
    assert capsys.readouterr().err == "harness: counter.py and --range name stages each: choose one, or name a stage by its number\n"


def test_the_same_options_everywhere() -> None:
    """Whatever takes a series takes it with the same words, and says the same about them."""
    request: GrammarRequest = parse(["man"]).request
    commands = {grammar.path[-1]: grammar for grammar in grammar_of(request.parser).every if grammar.path}

    def source_options(command: str) -> list[GrammarWord]:
        names = {"--series", "--range", "--mbox", "--base", "--file", "--repo", "--all-commits", "--follow"}
        names |= {"--include", "--header", "--dialect", "--cc", "--cflag"}
        return [option for option in commands[command].options if names & set(option.names)]

    assert len(source_options("run")) == 13
    for command in ("bisect", "replay", "explore", "diff", "perf"):
        assert source_options(command) == source_options("run"), command


def test_what_explore_prints_of_mails_shows_it_again(
    repo: Repository, tmp_path: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pasted, in another process, after the base has moved on; nothing is left behind, where patches were applied or in the repository."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    done = harness("explore", "nothing-lost", 1, "--mbox", "patches.mbox", "--base", "base", "--repo", "repository", *PROGRAM)
    assert done.returncode == 1
    (string,) = set(re.findall(r"h2/\S+", done.stdout))
    (hint,) = re.findall(r"^to see one again: harness (.*)$", done.stdout, re.MULTILINE)
    assert repo.git("rev-parse", "--short=12", "base") in hint
    repo.git("tag", "--force", "base", "topic")
    again = harness(*[string if word == "STRING" else word for word in shlex.split(hint)])
    assert (again.returncode, again.stderr) == (1, "")
    assert "count: 1 → 1" in again.stdout
    assert "recorded on" not in again.stdout
    assert list(place.iterdir()) == []
    assert repo.git("status", "--porcelain") == ""


def test_what_explore_prints_of_a_directory_shows_it_again(directory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The command below the table names the directory."""
    assert main(["explore", "nothing-lost", "1", "--series", directory, *PROGRAM]) == 1
    out = capsys.readouterr().out
    (string,) = set(re.findall(r"h2/counter/1/\S+", out))
    (hint,) = re.findall(r"^to see one again: harness (.*)$", out, re.MULTILINE)
    assert main([string if word == "STRING" else word for word in shlex.split(hint)]) == 1
    assert "count: 1 → 1" in capsys.readouterr().out


def test_diff_takes_a_directory(directory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its stages have no probes, so nothing differs."""
    assert main(["diff", "--all", "--series", directory]) == 0
    assert capsys.readouterr().out.splitlines() == ["stage 0 → stage 1: patch 1", "no measured behaviour differs"]


@pytest.mark.parametrize("words", [COMMIT, MAILS])
def test_diff_takes_commits(
    repo: Repository, words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also beside a file; the series is read once for both stages."""
    readings = counted(monkeypatch)
    assert main(["diff", "0", "2", *words]) == 0
    assert capsys.readouterr().out.splitlines() == ["stage 0 → stage 2: say", "no measured behaviour differs"]
    assert len(readings) == 1
    assert main(["diff", "1", "counter.py", *words]) == 0
    assert capsys.readouterr().out.startswith("stage 1 → counter.py: counter.py\n")


def test_a_patch_that_does_not_apply(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """What comes before is compared; where all was asked for, the exit code says that it is not all."""
    repo.commit_all("base, with another end", {"counter.py": f"{FILES['series/0.py']}# Another end.\n"})
    words = ("--mbox", "../patches.mbox", "--base", "HEAD")
    ended = "the series ends after stage 1: patch 2/2 (say) does not apply: counter.py, @@ -"
    for more, code in ((["--all"], 3), (["0", "1"], 0)):
        assert main(["diff", *more, *words]) == code
        out = capsys.readouterr().out
        assert out.startswith("stage 0 → stage 1: lose\nno measured behaviour differs\n\n")
        assert ended in out
    assert main(["explore", "nothing-lost", "0", *words, *PROGRAM]) == 0
    assert ended in capsys.readouterr().out


def test_perf_takes_a_directory(directory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its suite says whether there is anything to measure."""
    assert main(["perf", "1", "--series", directory]) == 2
    assert capsys.readouterr().err == "harness: suite 'counter' has no loads: there is nothing to measure\n"


def test_perf_takes_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The figures are those of the series that ships; the file names the commits; a mailbox is read once."""
    made = Repository(tmp_path / "repository")
    for index in (0, 1):
        made.commit_all(f"stage {index}", {"src/tasklet.py": POSTED.stages[index].path.read_bytes()})
    mails = tmp_path / "patches.mbox"
    mails.write_text(made.git("format-patch", "--stdout", "HEAD~1..HEAD") + "\n")
    monkeypatch.chdir(made.directory)
    readings = counted(monkeypatch)
    found = []
    for words in (["--series", "posted", "0", "1"], ["--range", "HEAD~1.."], ["--mbox", str(mails), "--base", "HEAD~1"]):
        file = ["--file", "src/tasklet.py"] if words[0] != "--series" else []
        assert main(["perf", *words, *file, *SHORT, "--json", "-"]) == 0
        found.append(json.loads(capsys.readouterr().out)["cells"])
    assert len(readings) == 2
    shipped, ranged, mailed = ([cell["performance"] for cell in cells] for cells in found)
    assert shipped == ranged == mailed
    assert [cell.get("commit") for cell in found[1]] == made.git("rev-list", "--reverse", "HEAD").split()
    assert [cell["stage"] for cell in found[2]] == [0, 1]


def test_the_ladder_has_no_commits(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """They are refused, as stages are."""
    assert main(["perf", "--scenario", "lock-ladder", "--suite", DEFAULT_SUITE, *COMMIT]) == 2
    assert capsys.readouterr().err.startswith("harness: lock-ladder has no stages")


def counted(monkeypatch: pytest.MonkeyPatch) -> list[SourceRequest]:
    """A list that grows by what is read, each time that a series is."""
    readings: list[SourceRequest] = []

    def read(request: SourceRequest, suite: str | None = None) -> Sourced:
        readings.append(request)
        return sourced(request, suite)

    monkeypatch.setattr(named_stages, "sourced", read)
    return readings
