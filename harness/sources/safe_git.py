"""Runs `git` on a repository that nobody has vouched for: it only reads, and nothing that the repository names is executed.

No hook, no fsmonitor, no filter, no pager, no ssh or remote helper. What comes from the user is never an option, and the variables
`GIT_…` of whoever has started the harness (a hook, say) do not count.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

# Whatever the repository's configuration says of these. The commands that are used here would run none of them; this is the second bolt.
OVERRIDES = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.editor": "false",
    "core.sshCommand": "false",
    "core.gitProxy": "",
    "core.askPass": "",
    "core.untrackedCache": "false",
    "core.attributesFile": os.devnull,
    "core.alternateRefsCommand": "false",
    "credential.helper": "",
    "diff.external": "",
    "protocol.allow": "never",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
    "log.showSignature": "false",
}

VARIABLES = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    # No protocol at all, and no fetching of what a partial clone lacks.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}


class NoSource(Exception):
    """A series cannot be read; the message is one line that says why and what to do."""


def command(*words: str) -> list[str]:
    """The command line of `git` with these words."""
    settings = [word for name, value in OVERRIDES.items() for word in ("-c", f"{name}={value}")]
    return [_git(), "--no-pager", "--no-optional-locks", *settings, *words]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of `git`: of the variables `GIT_…` only ours, and `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, **VARIABLES, **(more or {})}


def run_git(directory: Path, *words: str, stdin: bytes = b"", more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run `git` in `directory` and return what became of it; raises `NoSource` if it cannot be run there."""
    try:
        return subprocess.run(command(*words), cwd=directory, env=environment(more), input=stdin, capture_output=True, check=False)
    except (OSError, ValueError) as error:
        raise NoSource(f"cannot run git in {directory}: {getattr(error, 'strerror', None) or error}") from None


def output_of(directory: Path, *words: str, stdin: bytes = b"", more: Mapping[str, str] | None = None) -> bytes:
    """What `git` prints; raises `NoSource` with its first complaint if it fails."""
    done = run_git(directory, *words, stdin=stdin, more=more)
    if done.returncode:
        raise NoSource(f"git fails in {directory}: {first_line(done.stderr)}")
    return done.stdout


def first_line(said: bytes, otherwise: str = "it does not say why") -> str:
    """The first complaint of `git`, without the word before it."""
    lines = [line for line in readable(said).splitlines() if line.strip()]
    return lines[0].removeprefix("fatal: ").removeprefix("error: ") if lines else otherwise


def text_of(raw: bytes) -> str:
    """Bytes as the text that names a path: what is no UTF-8 is kept, in a form that `os.fsencode` undoes."""
    return raw.decode("utf-8", "surrogateescape")


def readable(raw: bytes | str) -> str:
    """Text for people: without control characters, which could steer a terminal, and without what is no text."""
    text = (raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "\ufffd" for letter in text)


def words_of(oids: Sequence[str]) -> bytes:
    """Names of objects as lines for the standard input of `git`."""
    return "".join(f"{oid}\n" for oid in oids).encode()


@cache
def _git() -> str:
    found = shutil.which("git")
    if found is None or not os.path.isabs(found):
        raise NoSource("there is no git command; install git")
    return found
