"""Makes git repositories to take series from, and tells whether one was touched."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from stages import POSTED
from tests.bounds import SECONDS

# The time of the first commit; each is a minute after the one before.
FIRST = 1_700_000_000


class Repository:
    """A git repository in a directory, of somebody whose settings do not matter."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.directory = directory
        self.minutes = 0
        directory.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main", *options)

    @classmethod
    def copy(cls, original: Path, directory: Path) -> Repository:
        """A copy of a repository that was made so."""
        shutil.copytree(original, directory, symlinks=True)
        copied = cls.__new__(cls)
        copied.directory, copied.minutes = directory, 1000
        return copied

    def git(self, *arguments: str, stdin: str = "", where: Path | None = None) -> str:
        """Run git; return what it prints."""
        self.minutes += 1
        when = f"{FIRST + 60 * self.minutes} +0000"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "A U Thor", "GIT_AUTHOR_EMAIL": "author@example.org", "GIT_AUTHOR_DATE": when,
            "GIT_COMMITTER_NAME": "A U Thor", "GIT_COMMITTER_EMAIL": "author@example.org", "GIT_COMMITTER_DATE": when,
        }  # fmt: skip
        command = ["git", *arguments]
        done = subprocess.run(
            command, cwd=where or self.directory, env=environment, input=stdin.encode(), capture_output=True, timeout=SECONDS, check=False
        )
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout.decode(errors="replace").strip()

    def commit(self, subject: str, **files: str | bytes | None) -> str:
        """Commit files, by their names without `.py`, with `__` for a slash where there is none; None removes one. Return the hash."""
        return self.commit_all(subject, {f"{name if '/' in name else name.replace('__', '/')}.py": text for name, text in files.items()})

    def commit_all(self, subject: str, files: Mapping[str, str | bytes | None]) -> str:
        """Commit files, by their paths; None removes one. Return the hash."""
        for name, content in files.items():
            path = self.directory / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")


def everything(directory: Path) -> dict[str, tuple[int, int, bytes]]:
    """All that is below a directory: modes, times of change, and contents."""
    found = {}
    for path in sorted(directory.rglob("*")):
        status = path.lstat()
        content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        found[str(path.relative_to(directory))] = (status.st_mode, status.st_mtime_ns, content)
    return found


def made_posted(directory: Path) -> Repository:
    """The posted series as commits of one file, `src/tasklet.py`."""
    repo = Repository(directory)
    for stage in POSTED.stages:
        repo.commit(stage.title, src__tasklet=stage.path.read_bytes())
        repo.git("tag", f"stage-{stage.index}")
    return repo
