"""What a stage in C includes goes with it by value: from beside it, its own headers, and what the dialect does not have."""

from __future__ import annotations

import pytest

from harness.sources.beside import CannotTake
from harness.sources.c_beside import INCLUDE, c_beside
from tests.sources.c_trees import MadeTree

DIALECT = frozenset({"xen/list.h", "xen/lib.h"})


def taken(
    files: dict[str, str], headers: tuple[str, ...] = (), includes: tuple[str, ...] = (), path: str = "common/stage.c"
) -> dict[str, str]:
    """What is taken along, by what it is called."""
    tree = MadeTree(files)
    return {name: content.decode() for name, content in c_beside(tree, path, tree.read(path)[0], headers, includes, DIALECT)}


def test_headers_beside_it_and_theirs() -> None:
    """Each is called by its path from the stage; what nobody includes stays where it is."""
    files = {
        "common/stage.c": '#include "a.h"\n #  include "sub/b.h"\n#include "../top.h"\n#include <a.h>\n',
        "common/a.h": '/* x */ # include "sub/c.h"',
        "common/sub/b.h": '#include "c.h"\n#include "../d.h"',
        "common/sub/c.h": "c",
        "common/d.h": "",
        "common/unused.h": "",
        "top.h": '#include "common/d.h"',
    }
    found = taken(files)
    assert list(found) == ["../common/d.h", "../top.h", "a.h", "d.h", "sub/b.h", "sub/c.h"]
    assert found["sub/c.h"] == "c"


def test_the_dialect_comes_before_a_real_tree() -> None:
    """What the tree has beyond that is taken from the directories to include from, the first one first, however it is quoted."""
    files = {
        "common/stage.c": '#include <xen/list.h>\n#include <xen/own.h>\n#include "xen/other.h"\n#include <xen/nowhere.h>',
        "include/xen/list.h": "#error",
        "include/xen/own.h": "#include <xen/lib.h>\n#include <asm/own.h>",
        "include/xen/lib.h": "#error",
        "arch/include/asm/own.h": "",
        "arch/include/xen/own.h": "#error",
        "include/xen/other.h": "",
    }
    assert list(taken(files, includes=("include", "arch/include"))) == ["asm/own.h", "xen/other.h", "xen/own.h"]
    assert list(taken(files)) == []


def test_own_headers_come_before_the_dialect() -> None:
    """They are named by their paths, whether or not there is a directory to include from."""
    files = {"common/stage.c": "#include <xen/list.h>", "include/xen/list.h": "own", "other/xen/list.h": "other"}
    assert taken(files, headers=("include/xen/list.h", "other/xen/list.h"), includes=("other",)) == {"xen/list.h": "own"}
    assert taken(files, headers=("include/xen/lost.h",), includes=("other",)) == {}
    beside = {"stage.c": '#include "xen/lib.h"', "xen/lib.h": "own"}
    assert taken(beside, path="stage.c") == {}
    assert taken(beside, headers=("xen/lib.h",), path="stage.c") == {"xen/lib.h": "own"}


def test_nothing_from_outside_the_tree() -> None:
    """Neither by a path from the root, nor by one that leads up and out."""
    files = {"common/stage.c": '#include "../../etc/x.h"\n#include "/etc/x.h"\n#include </etc/x.h>', "etc/x.h": ""}
    assert taken(files, includes=("",)) == {}


def test_two_files_of_one_name() -> None:
    """Where they would be one, nobody knows which is meant; if they say the same, that does not matter."""
    files = {
        "common/stage.c": '#include "x.h"\n#include "sub/y.h"',
        "common/x.h": "1",
        "common/sub/y.h": "#include <x.h>",
        "include/x.h": "1",
    }
    assert taken(files, includes=("include",))["x.h"] == "1"
    with pytest.raises(CannotTake, match=r"includes two files as x\.h: common/x\.h and include/x\.h"):
        taken(files | {"include/x.h": "2"}, includes=("include",))


def test_too_many() -> None:
    """A stage has no use for so many."""
    files = {"stage.c": "".join(f'#include "{number}.h"\n' for number in range(1001))} | {f"{number}.h": "" for number in range(1001)}
    with pytest.raises(CannotTake, match="includes more than 1000 files, or 16 MiB"):
        taken(files, path="stage.c")


def test_circles_end() -> None:
    """A header that includes itself is there once."""
    assert list(taken({"stage.c": '#include "a.h"', "a.h": '#include "b.h"\n#include "a.h"', "b.h": '#include "a.h"'}, path="stage.c")) == [
        "a.h",
        "b.h",
    ]


def test_directives_as_people_write_them() -> None:
    """Comments and joined lines between the words; no other directive, and no text that only looks like one."""
    texts = (
        b'#include"a"', b"#/**/include\\\n<b>", b'\t# include/* c */"c"', b"#include_next <d>", b'#includes "no"', b'x #include "no"',
        b"#include MACRO", b'#import "e"',
    )  # fmt: skip
    text = b"\n".join(texts)
    assert [angle or quoted for angle, quoted in INCLUDE.findall(text)] == [b"a", b"b", b"c", b"d", b"e"]
    # Nobody can make that take for ever.
    assert INCLUDE.findall(b"/**/" * 100_000 + b"\n" + b"# " * 100_000 + b"/*" * 100_000) == []
