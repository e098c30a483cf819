"""Text of strangers on a page: characters that are no text, or would hide or turn round what stands beside them, become visible.

What means something to HTML is no business of this module: the templates escape it.
"""

from __future__ import annotations

import re

# Control characters but tab and newline; what changes the direction of text, separates lines, or has no width; halves of surrogate pairs.
UNSEEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)


def visible(text: str) -> str:
    """The same text with each such character by its number: `⟨U+202E⟩`."""
    return UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)
