"""The workflow of docs/your-own-series.md, executed as far as that goes without GitHub; and this repository's own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.invocation import PATIENCE
from tests.sources.repositories import Repository

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "mpsc_queue"
PAGE = (ROOT / "docs" / "your-own-series.md").read_text(encoding="utf-8")
TOML = 'files = ["src/queue.py"]\nsuite = "mpsc_suite.py"\n'
RESULTS = {"report.html", "series.xml", "series.json"}


def read(text: str) -> Any:
    """A workflow. (To YAML, `on` is true.)"""
    return yaml.safe_load(text)


def of_the_page() -> Any:
    """The one that users copy."""
    part = PAGE.partition("<!-- workflow -->")[2].partition("<!-- end of workflow -->")[0]
    (found,) = re.findall(r"```yaml\n(.*?)```", part, re.DOTALL)
    return read(found)


def uploaded(job: Any) -> tuple[set[str], str]:
    """The files that are kept, and when."""
    (step,) = (step for step in job["steps"] if step.get("uses", "").startswith("actions/upload-artifact@"))
    return set(step["with"]["path"].split()), step["if"]


def filled_in(text: str, known: dict[str, str]) -> str:
    """With GitHub's expressions replaced by what they say; there are no others."""
    return re.sub(r"\$\{\{ (\S+) \}\}", lambda match: known[match[1]], text)


def proposed(directory: Path) -> tuple[Repository, dict[str, str]]:
    """A repository with a pull request of two patches, the first of which breaks something; and what GitHub says of it."""
    repo = Repository(directory)
    stages = [(EXAMPLE / "series" / f"s{number}.py").read_text(encoding="utf-8") for number in (1, 2, 3)]
    suite = (EXAMPLE / "mpsc_suite.py").read_text(encoding="utf-8")
    base = repo.commit_all("base", {"src/queue.py": stages[0], "mpsc_suite.py": suite, "harness.toml": TOML})
    repo.commit_all("queue: no lock", {"src/queue.py": stages[1]})
    head = repo.commit_all("queue: numbers", {"src/queue.py": stages[2]})
    pull_request = "github.event.pull_request"
    return repo, {f"{pull_request}.base.sha": base, f"{pull_request}.head.sha": head, "github.workspace": str(directory)}


def environment_of(tmp_path: Path, declared: dict[str, str], known: dict[str, str]) -> dict[str, str]:
    """That of a step: the command `harness` is this one, and GitHub's files are there."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "harness"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m harness "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    own = {name: filled_in(value, known) for name, value in declared.items()}
    github = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"), "GITHUB_WORKSPACE": known["github.workspace"]}
    return {**os.environ, **own, **github, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}


def test_the_workflow_of_the_page(tmp_path: Path) -> None:
    """Its commands find the patch that breaks something, annotate it and leave the files that are kept; a second run uses the cache."""
    workflow = of_the_page()
    job = workflow["jobs"]["series"]
    repo, known = proposed(tmp_path / "repository")
    install, test = (step for step in job["steps"] if "run" in step)
    assert re.search(r"series-harness\[html\] @ ", install["run"])
    environment = environment_of(tmp_path, job["env"] | test["env"], known)

    def executed() -> subprocess.CompletedProcess[str]:
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", filled_in(test["run"], known)]
        return subprocess.run(command, cwd=repo.directory, env=environment, capture_output=True, text=True, timeout=PATIENCE)

    done = executed()
    assert done.returncode == 1, done.stderr
    assert "patch 1 breaks reuse" in done.stdout
    assert re.search(r"^::error file=src/queue\.py,line=\d+,title=patch 1 breaks reuse", done.stderr, re.MULTILINE)
    assert all(len(line) <= int(job["env"]["COLUMNS"]) for line in done.stdout.splitlines() if "h2/" not in line)
    assert "patch 1" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    kept, when = uploaded(job)
    assert (kept, when) == (RESULTS, "always()")
    assert all((repo.directory / name).stat().st_size for name in kept)
    again = executed()
    assert again.stdout == done.stdout
    assert re.search(r"harness: (\d+) of \1 outcomes came from the cache", again.stderr)


def test_what_a_workflow_needs() -> None:
    """The whole history, rights to read only, an end in time, and a cache that is kept where a patch breaks something, too."""
    workflow = of_the_page()
    assert workflow["permissions"] == {"contents": "read"}
    job = workflow["jobs"]["series"]
    assert job["timeout-minutes"] <= 60
    uses = {step["uses"].partition("@")[0]: step for step in job["steps"] if "uses" in step}
    assert uses["actions/checkout"]["with"]["fetch-depth"] == 0
    restored, saved = (uses[f"actions/cache/{name}"] for name in ("restore", "save"))
    assert saved["if"] == "always()"
    assert {step["with"]["path"] for step in (restored, saved)} == {".harness-cache"}
    assert restored["with"]["key"] == saved["with"]["key"]
    assert job["env"]["HARNESS_CACHE_DIR"].endswith("/.harness-cache")


def test_our_own_workflow() -> None:
    """It annotates, and keeps the page and the other files also where it fails, as the one of the page does."""
    (job,) = read((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"].values()
    (command,) = (step["run"] for step in job["steps"] if step.get("run", "").startswith("ci/run"))
    written = {word.partition("=")[2] for word in command.split() if word.startswith(("--html=", "--json=", "--junit="))}
    assert "--github" in command
    assert len(written) == len(RESULTS)
    kept, when = uploaded(job)
    assert written <= kept
    assert when == "always()"
    assert all((ROOT / step["run"].split()[0]).is_file() for step in job["steps"] if "run" in step)
