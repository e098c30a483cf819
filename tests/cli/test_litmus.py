"""`harness litmus`."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import pytest

from harness.cli.arguments import parse
from harness.cli.exit_codes import BAD, GOOD, UNDECIDED, UsageError
from harness.cli.litmus import printable
from harness.cli.main import main
from harness.explored.models import ENGINES
from harness.litmus.files import not_covered
from harness.litmus.published_counts import PUBLISHED
from harness.search.replay_string import Replay, encode
from tests.cli.invocation import Harness
from tests.litmus.litmus_files import FILES, text_with


def run(*words: object) -> int:
    """Run the command in this process; return the exit code."""
    return parse(["litmus", *map(str, words)]).run()


def test_the_table(harness: Harness) -> None:
    """Every published program is counted under every model, and equal; what is left out is said."""
    result = harness("litmus", "--json", "-")
    assert result.returncode == 0
    document = json.loads(result.stdout)
    assert document["schema"] == 1
    for name, counts in PUBLISHED.items():
        assert set(document["programs"][name]) == set(ENGINES)
        for model in ENGINES:
            found = document["programs"][name][model]
            assert (found["blocked"], found["executions"]) == (0, counts.get(model, found["executions"])), (name, model)
    assert "\nleft out, as they are large: inc(4), counter 2×4" in result.stderr
    assert "; no run was in vain (blocked)\n" in result.stderr


def test_the_document_shows_what_is_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command prints what stands in docs/litmus.md, and in docs/json.md."""
    documents = Path(main.__code__.co_filename).parents[2] / "docs"
    text = (documents / "litmus.md").read_text(encoding="utf-8")
    monkeypatch.chdir(FILES["SB"].parent)
    run("SB", "MP", "IRIW", "counter 2×2", "Peterson", "MP rel/acq")
    run("SB.litmus", "--model", "sc,tso", "--width", "80")
    printed = capsys.readouterr().out
    assert all(line in text.splitlines() for line in printed.splitlines())
    monkeypatch.chdir(tmp_path)
    run("SB", "--model", "sc", "--json", "out.json")
    assert Path("out.json").read_text(encoding="utf-8") in (documents / "json.md").read_text(encoding="utf-8")


def test_files(harness: Harness, tmp_path: Path) -> None:
    """Verdicts under all models, with the final states and an execution; a condition that does not hold under one model is enough."""
    result = harness("litmus", FILES["SB"], FILES["SB+mbs"], "--model", "tso,sc", "--json", "out.json")
    assert (result.returncode, result.stderr) == (1, "")
    assert "SB.litmus (SB) under sc: Never\nexists (0:r0=0 /\\ 1:r0=0): not validated; 0 of 3" in result.stdout
    assert "read y = 0; has not seen P1's 1 of SB.litmus:19 (P1), in its store buffer, SB.litmus:12 (P0)" in result.stdout
    assert "(LKMM), under which more may happen.\n" in result.stdout
    models = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["files"][str(FILES["SB"])]["models"]
    assert {model: found["verdict"] for model, found in models.items()} == {"sc": "Never", "tso": "Sometimes"}


def replay_of(name: str, capsys: pytest.CaptureFixture[str]) -> tuple[list[str], str]:
    """The words of the command that a witness comes with, under tso, and the witness."""
    run(FILES[name], "--model", "tso")
    witness, _, command = capsys.readouterr().out.partition("replay: harness ")
    return shlex.split(command.splitlines()[0]), witness


def test_a_witness_is_replayed(capsys: pytest.CaptureFixture[str]) -> None:
    """With the command that stands below it; it satisfies an `exists`, which is good."""
    words, witness = replay_of("SB", capsys)
    assert parse([*words, "--width", "320"]).run() == GOOD
    again = capsys.readouterr().out
    # (The legend has lines as wide as it may.)
    assert witness.endswith(again.partition("\n\n")[2])
    assert again.count("arrival of write") == 2
    assert again.endswith("the final state satisfies (0:r0=0 /\\ 1:r0=0)\n")


def test_a_witness_of_what_must_not_be(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1 on the file; on other content, that is said first, and what is not bad there says nothing."""
    monkeypatch.chdir(tmp_path)
    text = FILES["SB"].read_text(encoding="utf-8")
    Path("a b.litmus").write_text(text.replace("exists", "~exists"), encoding="utf-8")
    run("a b.litmus", "--model", "tso")
    words = shlex.split(capsys.readouterr().out.partition("replay: harness ")[2].splitlines()[0])
    assert (words[2], parse(words).run()) == ("a b.litmus", BAD)
    capsys.readouterr()
    Path("a b.litmus").write_text(text, encoding="utf-8")
    assert parse(words).run() == GOOD
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first == f"recorded on other content: of {words[1].split('/')[3]}…, and a b.litmus is b266218522…"
    assert last == "this says nothing about the file that the execution was recorded on"


def test_what_is_replayed_must_fit(capsys: pytest.CaptureFixture[str]) -> None:
    """A string of a litmus file wants one, which can be read; one of a stage does not."""
    words, _ = replay_of("SB", capsys)
    with pytest.raises(UsageError, match="is about a litmus file; name it too"):
        parse(words[:2]).run()
    with pytest.raises(UsageError, match=r"nowhere\.litmus: cannot be read"):
        parse([*words[:2], "nowhere.litmus"]).run()
    stage = encode(Replay("fixed", 0, "no-races", "vcpu", "any"))
    with pytest.raises(UsageError, match="is about a stage, and a litmus file is none"):
        parse(["replay", stage, words[2]]).run()


def test_wrong_files_are_one_line(harness: Harness, tmp_path: Path) -> None:
    """With the file and the line; the first of several is enough, and nothing is run."""
    (tmp_path / "rcu.litmus").write_text(text_with("\nrcu_read_lock();"), encoding="utf-8")
    (tmp_path / "wrong.litmus").write_text(text_with("r0 = ;"), encoding="utf-8")
    result = harness("litmus", "SB", "rcu.litmus", "wrong.litmus")
    assert (result.returncode, result.stdout, result.stderr) == (2, "", "harness: rcu.litmus:5: not supported: RCU\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "f.litmus:1: is empty"),
        (b"C a\n\xff", "f.litmus:2: is not text in UTF-8"),
        (b"\x7fELF\x00\x01", r"f.litmus:1: a litmus test in C begins with a line `C NAME`, not with '\\x7fELF"),
        (b" " * 1_000_001, "f.litmus: has more than 1000000 bytes"),
        (text_with("*x = *r0;").encode(), "f.litmus:4: P0 uses 0 as an address"),
    ],
)
def test_files_that_cannot_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str) -> None:
    """Empty, binary, large, or with values that make no sense."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.litmus").write_bytes(content)
    with pytest.raises(UsageError, match=message):
        run("f.litmus")


def test_names_that_are_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory, nothing at all, and what is neither a program nor a file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d.litmus").mkdir()
    for word, message in (("d.litmus", "Is a directory"), ("./none", "No such file"), ("none", "unknown program 'none', and no such file")):
        with pytest.raises(UsageError, match=message):
            run(word)


def test_a_file_name_that_is_no_text(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shown as one line, and its file is run."""
    monkeypatch.chdir(tmp_path)
    name = os.fsdecode(b"a\xff\n.litmus")
    (tmp_path / name).write_bytes(FILES["SB"].read_bytes())
    assert run(name, "--model", "sc") == BAD
    assert capsys.readouterr().out.startswith("a\\udcff\\n.litmus (SB) under sc: Never\n")
    assert printable("µ.litmus") == "µ.litmus"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["SB", "peterson"], GOOD),
        (["SB", "--executions", "2"], UNDECIDED),
        ([FILES["SB"], "--model", "sc"], BAD),
        ([FILES["SB"], "--model", "tso"], GOOD),
        ([FILES["IRIW"], "--model", "tso", "--executions", "3"], UNDECIDED),
        ([FILES["IRIW"], FILES["MP+wmb"], "--executions", "3"], BAD),
    ],
)
def test_exit_codes(words: list[object], code: int) -> None:
    """What is not as it should be wins over what nobody knows."""
    assert run(*words) == code


def test_what_a_model_does_not_cover(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict is not "Never", and the exit code says that nobody knows."""
    monkeypatch.setitem(not_covered.GAPS, "pso", not_covered.GAPS["arm"])
    assert run(FILES["LB"], "--model", "pso") == UNDECIDED
    assert "LB.litmus (LB) under pso: not covered by this model\n" in capsys.readouterr().out
    assert run(FILES["CoRR"], "--model", "pso") == GOOD


def test_a_count_that_differs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is marked."""
    monkeypatch.setitem(PUBLISHED, "MP", {"sc": 3, "tso": 4})
    assert run("MP") == BAD
    assert "\nMP under tso: 3 executions, published are 4\n" in capsys.readouterr().out


@pytest.mark.parametrize(("text", "models"), [("tso,sc", ("sc", "tso")), ("pso", ("pso",)), ("sc,all", tuple(ENGINES))])
def test_models_are_named(text: str, models: tuple[str, ...]) -> None:
    """They come in one order."""
    assert parse(["litmus", "--model", text]).request.model == models


def test_an_unknown_model() -> None:
    """The line says which there are."""
    with pytest.raises(UsageError, match=r"unknown memory model 'x86': choose from sc, tso, pso.*, all"):
        parse(["litmus", "--model", "sc,x86"])
