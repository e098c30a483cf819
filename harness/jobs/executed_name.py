"""What the file of a stage is called where the stage is executed: by its content, so that nothing that comes of it depends on its name.

So the same content has the same outcomes under every name, lines included; the name is put in afterwards (`harness.jobs.own_name`).
"""

from __future__ import annotations

import os
import re
from functools import lru_cache

from harness.sources.target import Target

# So many hexadecimal digits of a hash occur in no text by chance, and a source cannot have its own.
DIGITS = 24

# A stage with one of these words may see its name or read its own file. What it finds is to be the same where it is only replayed.
READS_ITSELF = re.compile(rb"__file__|__spec__|__code__|\bf_code|\bco_filename|\b(?:inspect|linecache|traceback|warnings)\b")


@lru_cache(maxsize=64)
def executed_name(target: Target) -> str:
    """The name; its own for a stage in C, whose compiler puts it where the code can see it, and for one that may read itself."""
    own = os.path.basename(target.path)
    if target.is_c or target.problem or not target.source or any(map(READS_ITSELF.search, _sources(target))):
        return own
    return f"stage-{target.content_hash[:DIGITS]}.py"


def _sources(target: Target) -> list[bytes]:
    return [target.source, *(content for _, content in target.beside)]
