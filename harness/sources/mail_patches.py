"""The patches of a mailbox, in the order of the series: cover letters, replies and mails without a patch are left out.

`git mailsplit` and `git mailinfo` read the mails, as for `git am`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from pathlib import Path

from harness.sources.safe_git import NoSource, first_line, readable, run_git
from harness.suite.whole_numbers import shortened

# Many times the largest series that anybody has posted.
LARGEST_MAILBOX = 256 << 20

NUMBERED = re.compile(r"\[[^\]]*?\b([0-9]{1,4})/([0-9]{1,4})\b[^\]]*\]")
TAGS = re.compile(r"^(\s*\[[^\]]*\])+\s*")
REPLY = re.compile(r"\s*(re|aw|sv|fwd?)\s*:", re.IGNORECASE)
DIFF = re.compile(rb"^(diff --git |--- .*\n\+\+\+ )", re.MULTILINE)
# What a patch says that it was made from: `index 1234567..89abcde 100644`.
MADE_FROM = re.compile(rb"^index ([0-9a-f]{4,64})\.\.[0-9a-f]{4,64}", re.MULTILINE)


@dataclass(frozen=True)
class MailPatch:
    """A patch: the file with its mail, the diff in it, its subject, and its number in the series with how many there are, if it says so."""

    mail: Path
    diff: Path
    subject: str
    number: int | None
    total: int | None

    @property
    def made_from(self) -> list[str]:
        """The beginnings of the hashes of what it changes."""
        return [found.decode() for found in MADE_FROM.findall(self.diff.read_bytes()) if found.strip(b"0")]


def read_mailbox(path: str) -> bytes:
    """The content of the file; raises `NoSource`."""
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_MAILBOX + 1)
    except (OSError, ValueError) as error:
        raise NoSource(f"cannot read the mailbox {readable(path)}: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > LARGEST_MAILBOX:
        raise NoSource(f"the mailbox {readable(path)} is larger than {LARGEST_MAILBOX >> 20} MiB")
    return content


def patches_in(content: bytes, name: str, scratch: Path) -> list[MailPatch]:
    """The patches of a mailbox, in order; `scratch` is a directory for their parts. Raises `NoSource`."""
    mails = scratch / "mails"
    mails.mkdir()
    split = run_git(scratch, "mailsplit", "-b", "--keep-cr", f"-o{mails}", stdin=content)
    if split.returncode:
        raise NoSource(f"{name} is no mailbox ({first_line(split.stderr)}): make one with `git format-patch --stdout`")
    found = [patch for mail in sorted(mails.iterdir(), key=lambda mail: int(mail.name)) if (patch := _patch(mail, scratch)) is not None]
    if not found:
        raise NoSource(f"{name} has no mail with a patch: make a mailbox with `git format-patch --stdout`")
    return _in_order(found, name)


def lacking(patches: Sequence[MailPatch]) -> list[int]:
    """The numbers of the series that the mailbox does not have."""
    total = max((patch.total or 0 for patch in patches), default=0)
    return sorted(set(range(1, total + 1)) - {patch.number or 0 for patch in patches})


def _patch(mail: Path, scratch: Path) -> MailPatch | None:
    message, diff = scratch / f"{mail.name}.message", scratch / f"{mail.name}.diff"
    done = run_git(scratch, "mailinfo", "--encoding=UTF-8", str(message), str(diff), stdin=mail.read_bytes())
    if done.returncode or not DIFF.search(diff.read_bytes()):
        return None
    subject = _subject(mail)
    numbered = NUMBERED.search((TAGS.match(subject) or [""])[0])
    if REPLY.match(subject) or (numbered and int(numbered[1]) == 0):
        return None
    number, total = (int(numbered[1]), int(numbered[2])) if numbered else (None, None)
    return MailPatch(mail, diff, shortened(TAGS.sub("", subject) or "(no subject)", 200), number, total)


def _subject(mail: Path) -> str:
    try:
        with open(mail, "rb") as file:
            raw = str(BytesHeaderParser().parse(file)["Subject"] or "")
        return readable(" ".join(str(make_header(decode_header(raw))).split()))
    except (LookupError, ValueError, UnicodeError):
        return ""


def _in_order(found: list[MailPatch], name: str) -> list[MailPatch]:
    numbers = [patch.number for patch in found if patch.number is not None]
    if not numbers:
        return found
    if len(numbers) < len(found):
        odd = next(patch for patch in found if patch.number is None)
        raise NoSource(f"{name}: the patch {odd.subject!r} has no number, and others have: keep one series in the mailbox")
    for number in numbers:
        if (count := numbers.count(number)) > 1:
            raise NoSource(f"{name}: there are {count} patches with number {number}: keep one version of the series")
    return sorted(found, key=lambda patch: patch.number or 0)
