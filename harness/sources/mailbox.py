"""A mailbox of patches as a series: they are applied to a base as `git am --3way` does it, in a repository of its own that is thrown away.

The user's repository is only read: the files of the base, and what the patches say that they were made from, are copied out of it. So the
objects that come about are nowhere near it, nor is any of its hooks, filters or settings in effect.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harness.scratch import ScratchDirectory
from harness.sources.git_history import HEAD, Revisions, shown
from harness.sources.git_objects import GitObjects
from harness.sources.git_range import RangeRequest, baseline_of, range_series
from harness.sources.left_behind import clear_left_behind
from harness.sources.made_of import StageFiles
from harness.sources.mail_patches import MailPatch, lacking, patches_in, read_mailbox
from harness.sources.safe_git import NoSource, command, environment, first_line, output_of, readable, run_git, words_of
from harness.sources.sourced_series import SourcedSeries
from harness.suite.whole_numbers import shortened

# Nothing of the user's settings, and the same hashes whenever it is done.
ALONE = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "series harness",
    "GIT_AUTHOR_EMAIL": "series-harness@example.org",
    "GIT_AUTHOR_DATE": "1000000000 +0000",
    "GIT_COMMITTER_NAME": "series harness",
    "GIT_COMMITTER_EMAIL": "series-harness@example.org",
    "GIT_COMMITTER_DATE": "1000000000 +0000",
}
FAILED = re.compile(r"^error: patch failed: (.+):([0-9]+)$", re.MULTILINE)
HUNK_LINES = 40


@dataclass(frozen=True)
class MailRequest:
    """Which mailbox, what it is to be applied to, and what is tested of that."""

    mailbox: str
    base: str
    files: StageFiles
    suite: str
    every: bool = False


@dataclass(frozen=True)
class Refused:
    """A patch that does not apply, why, and the hunk, if that is known."""

    patch: MailPatch
    why: str
    hunk: str = ""

    @property
    def sentence(self) -> str:
        """What is wrong."""
        number = "" if self.patch.number is None else f" {self.patch.number}/{self.patch.total}"
        return f"patch{number} ({self.patch.subject}) does not apply: {self.why}"


def mailbox_series(objects: GitObjects, request: MailRequest) -> SourcedSeries:
    """The series of a mailbox, up to where it applies; raises `NoSource` if it does not at all."""
    name = shown(os.path.basename(request.mailbox))
    content = read_mailbox(request.mailbox)
    base = baseline_of(objects, request.base)
    with _scratch() as scratch:
        patches = patches_in(content, name, scratch)
        start = _prepared(objects, base, patches, scratch / "work")
        tip, refused, idle = _applied(scratch / "work", patches, keep_cr=b"\r\n" not in content[:4096])
        if tip == start:
            said = f"{name} changes nothing: its patches are in {shown(request.base or HEAD)} already"
            raise NoSource(refused.sentence if refused else said)
        with GitObjects(scratch / "work") as made:
            wanted = RangeRequest(Revisions(start, tip, name), request.files, request.suite, every=request.every)
            found = range_series(made, wanted)
    return _finished(found, base, patches, refused, idle)


def _finished(
    found: SourcedSeries, base: str, patches: Sequence[MailPatch], refused: Refused | None, idle: Sequence[MailPatch]
) -> SourcedSeries:
    """The series with hashes that the user knows, and what there is to say about the mailbox."""
    first, *others = found.targets
    missing = lacking(patches)
    notes = [f"{patch.subject} changes nothing: it is in the base already" for patch in idle]
    if missing:
        notes.append(f"the mailbox lacks {shortened(', '.join(map(str, missing)))} of {max(patch.total or 0 for patch in patches)} patches")
    return replace(
        found,
        targets=(replace(first, commit=base), *(replace(target, commit="") for target in others)),
        ends_early="" if refused is None else refused.sentence,
        hunk="" if refused is None else refused.hunk,
        announced=len(found.targets) + (len(patches) - patches.index(refused.patch) if refused else 0) + len(missing),
        notes=(*found.notes, *notes),
    )


@contextmanager
def _scratch() -> Iterator[Path]:
    """A directory that nobody else can see into; what a killed `harness` has left of one is cleared away."""
    place = Path(tempfile.gettempdir())
    clear_left_behind(place, re.compile(r"harness-mbox-([0-9]+)-.*"))
    try:
        directory = ScratchDirectory(f"harness-mbox-{os.getpid()}-", place)
    except OSError as error:
        raise NoSource(f"cannot make a directory in {place}: {error.strerror or error}; set TMPDIR") from None
    with directory as name:
        yield Path(name).resolve()


def _prepared(objects: GitObjects, base: str, patches: Sequence[MailPatch], work: Path) -> str:
    """Make a repository in `work` that has the files of the base in its index, and none in its directory; return its only commit."""
    work.mkdir()
    kind = "sha1" if len(base) == 40 else "sha256"
    output_of(work, "init", "--quiet", "--template=", f"--object-format={kind}", "--initial-branch=patches", more=ALONE)
    tree = objects.commit(base).tree
    older = {found[0] for patch in patches for start in patch.made_from if (found := objects.found(start)) and found[1] == "blob"}
    _copy(objects, tree, sorted(older), work)
    commit = output_of(work, "commit-tree", "-m", "base", tree, more=ALONE).decode().strip()
    output_of(work, "update-ref", "HEAD", commit, more=ALONE)
    output_of(work, "read-tree", "HEAD", more=ALONE)
    return commit


def _copy(objects: GitObjects, tree: str, blobs: Sequence[str], work: Path) -> None:
    """Copy a tree with all that is in it, and some blobs, into the repository in `work`."""
    inside = output_of(objects.directory, "rev-list", "--objects", "--no-object-names", tree, "--")
    pack = work.parent / "pack"
    with open(pack, "wb") as file:
        packing = subprocess.run(
            command("pack-objects", "--stdout", "--quiet"),
            cwd=objects.directory,
            env=environment(),
            input=inside + words_of(blobs),
            stdout=file,
            stderr=subprocess.PIPE,
            check=False,
        )
    if packing.returncode:
        raise NoSource(f"the files of the base cannot be read: {first_line(packing.stderr)}")
    with open(pack, "rb") as file:
        indexing = command("index-pack", "--stdin")
        done = subprocess.run(indexing, cwd=work, env=environment(ALONE), stdin=file, capture_output=True, check=False)
    pack.unlink()
    if done.returncode:
        raise NoSource(f"the files of the base cannot be copied: {first_line(done.stderr)}")


def _applied(work: Path, patches: Sequence[MailPatch], keep_cr: bool) -> tuple[str, Refused | None, list[MailPatch]]:
    """Apply one patch after the other; return the last commit, the patch that did not apply, and those that changed nothing."""
    tip = _head(work)
    idle: list[MailPatch] = []
    for patch in patches:
        done = _am(work, patch, keep_cr)
        if done.returncode:
            # A merge wants to see the files, all of them: one may have another name by now.
            for words in (("am", "--quit"), ("read-tree", "HEAD"), ("checkout-index", "--all", "--force", "--quiet")):
                _in(work, *words)
            done = _am(work, patch, keep_cr, "--3way")
        if done.returncode:
            return tip, _refused(work, patch, done), idle
        before, tip = tip, _head(work)
        if tip == before:
            idle.append(patch)
    return tip, None, idle


def _am(work: Path, patch: MailPatch, keep_cr: bool, *more: str) -> subprocess.CompletedProcess[bytes]:
    words = ["am", "--patch-format=mbox", "--committer-date-is-author-date", "--no-gpg-sign", "--quiet"]
    return _in(work, *words, *["--keep-cr"] * keep_cr, *more, str(patch.mail))


def _in(work: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Run git there; a symbolic link is a file of its own there, and leads nowhere."""
    return run_git(work, "-c", "core.symlinks=false", *words, more=ALONE)


def _head(work: Path) -> str:
    return output_of(work, "rev-parse", "--verify", "HEAD", more=ALONE).decode().strip()


def _refused(work: Path, patch: MailPatch, done: subprocess.CompletedProcess[bytes]) -> Refused:
    """Find out where a patch does not fit: without the three-way merge, `git apply` says so."""
    run_git(work, "read-tree", "HEAD", more=ALONE)
    checked = run_git(work, "apply", "--cached", "--check", str(patch.diff), more=ALONE)
    found = FAILED.search(readable(checked.stderr))
    if found is None:
        said = checked.stderr if checked.returncode else done.stderr or done.stdout
        return Refused(patch, shortened(first_line(said), 300))
    hunk = _hunk(readable(patch.diff.read_bytes()), found[1], found[2])
    where = hunk.partition("\n")[0] or f"line {found[2]}"
    return Refused(patch, f"{found[1]}, {where}", hunk)


def _hunk(diff: str, file: str, line: str) -> str:
    """The hunk of a file that begins at a line."""
    inside = False
    lines = diff.splitlines()
    for at, text in enumerate(lines):
        if text.startswith("--- "):
            inside = text[4:].partition("\t")[0].removeprefix("a/") == file
        if inside and re.match(rf"@@ -{line}[, ]", text):
            end = next((n for n in range(at + 1, len(lines)) if not re.match(r"[ +\\-]", lines[n])), len(lines))
            return "\n".join(lines[at : min(end, at + HUNK_LINES)])
    return ""
