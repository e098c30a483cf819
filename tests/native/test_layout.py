"""What debugging information says of a stage: the same from both compilers, at every level of optimisation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.native.layout import Layout, Leaf, Variable
from tests.native.in_c import COMPILERS, layout

TEXT = """
#include <stdbool.h>
#include "sub/one.h"
enum color { RED = -1, GREEN = 4 };
struct list_head { struct list_head *next, *prev; };
typedef struct { unsigned raw; } spinlock_t;
typedef void (*action)(unsigned long, struct job *);
struct later;
struct job {
    struct list_head list;
    action func;
    bool dead, pending;
    unsigned a : 3, b : 7;
    char c;
    unsigned d : 17;
    union { int x; unsigned y; };
    union { int number; char text[8]; } either;
    enum color color;
    const volatile int *const watched;
    struct later *later;
    int matrix[2][3];
    spinlock_t lock;
    float part;
    struct { int deep; } nested[2];
    int flexible[];
};
typedef struct { long only; } anonymous;
anonymous lonely;
struct job job;
struct pair { int one; long two; } per_cpu__pair[8];
unsigned long per_cpu__count[8];
char huge[1 << 20];
short wide[128];
static spinlock_t guard = {0};
static int twice;
int first(struct job *job, action func, enum color color)
{
    static int calls;
    { static long more; more += calls++; }
    func(1, job);
    twice++;
    bump(&calls);
    return job->a + color;
}
bool second(void)
{
    static int calls, twice;
    calls++, twice++;
    return first(&job, 0, RED);
}
void *hook = &guard;
"""
# A header that counts as code of the stage.
HEADER = ("sub/one.h", "struct job;\nstatic inline __attribute__((always_inline)) void bump(int *p)\n{\n    *(volatile int *)p += 1;\n}\n")
EVERYWHERE = [(cc, level) for cc in COMPILERS for level in ("-O0", "-O2")]
JOB = [
    (0, 16, ".list", "list", "struct list_head"),
    (16, 8, ".func", "function", "action"),
    (24, 1, ".dead", "bool", "_Bool"),
    (25, 1, ".pending", "bool", "_Bool"),
    (26, 2, ".{a,b}", "integer", "bit-field"),
    (28, 1, ".c", "integer", "char"),
    (29, 3, ".d", "other", "bit-field"),
    (32, 4, ".x", "integer", "int"),
    (36, 8, ".either", "other", "union"),
    (44, 4, ".color", "enum", "enum color"),
    (48, 8, ".watched", "pointer", "const volatile int *"),
    (56, 8, ".later", "pointer", "struct later *"),
    *((64 + 12 * i + 4 * j, 4, f".matrix[{i}][{j}]", "integer", "int") for i in range(2) for j in range(3)),
    (88, 4, ".lock", "lock", "spinlock_t"),
    (92, 4, ".part", "other", "float"),
    *((96 + 4 * i, 4, f".nested[{i}].deep", "integer", "int") for i in range(2)),
]


def plain(leaf: Leaf) -> tuple[int, int, str, str, str]:
    """A leaf as a row of a table."""
    return leaf.offset, leaf.size, leaf.suffix, leaf.type.kind, leaf.type.name


def named(found: Layout) -> dict[str, Variable]:
    """The variables by name."""
    return {variable.name: variable for variable in found.variables}


@pytest.fixture(scope="module", params=[pytest.param((cc.values[0], level), marks=cc.marks) for cc, level in EVERYWHERE], ids=str)
def found(request: pytest.FixtureRequest) -> Layout:
    """The layout of the text above."""
    cc, level = request.param
    return layout(TEXT, HEADER, cc=cc, cflags=(level,))


def test_leaves_of_a_struct(found: Layout) -> None:
    """Every member is one, with offset, size and C's name of its type, whatever it consists of."""
    assert [plain(leaf) for leaf in found.structs["job"].leaves] == JOB
    assert named(found)["job"].leaves == found.structs["job"].leaves
    assert (found.structs["job"].size, named(found)["job"].size) == (104, 104)
    assert [plain(leaf)[2:] for leaf in found.structs["anonymous"].leaves] == [(".only", "integer", "long")]


def test_variables_have_names_of_their_own(found: Layout) -> None:
    """Those of functions, too; where several have one name, the function's or the file's comes before it."""
    assert sorted(named(found)) == sorted(
        (
            "count",
            "first.calls",
            "guard",
            "hook",
            "huge",
            "job",
            "lonely",
            "more",
            "pair",
            "second.calls",
            "second.twice",
            "stage.c:twice",
            "wide",
        )
    )
    addresses = [variable.address for variable in found.variables]
    assert addresses == sorted(addresses)


def test_data_of_each_cpu(found: Layout) -> None:
    """The leaves are those of one CPU's."""
    pair, count = named(found)["pair"], named(found)["count"]
    assert (pair.per_cpu, pair.size, pair.stride, [leaf.suffix for leaf in pair.leaves]) == (True, 16, 16, [".one", ".two"])
    assert (count.per_cpu, count.size, count.stride, [leaf.suffix for leaf in count.leaves]) == (True, 8, 8, [""])
    assert (named(found)["job"].per_cpu, named(found)["job"].stride) == (False, 0)


def test_large_arrays(found: Layout) -> None:
    """Elements have names, but for those of a buffer."""
    assert [leaf.suffix for leaf in named(found)["wide"].leaves] == [f"[{number}]" for number in range(128)]
    assert [plain(leaf) for leaf in named(found)["huge"].leaves] == [(0, 1 << 20, "", "other", "char[1048576]")]


def test_functions(found: Layout) -> None:
    """They have their parameters, and what they return."""
    first = found.functions["first"]
    assert [(one.name, one.type.kind, one.type.name) for one in first.parameters] == [
        ("job", "pointer", "struct job *"),
        ("func", "function", "action"),
        ("color", "enum", "enum color"),
    ]
    assert first.parameters[2].type.names == ((-1, "RED"), (4, "GREEN"))
    assert first.parameters[2].type.signed
    assert first.returns is not None
    assert first.returns.name == "int"
    assert found.functions["second"].parameters == ()
    assert found.constants == {"GREEN": 4, "RED": -1}
    assert found.symbols["first"] == first.low < first.high


def test_places(found: Layout) -> None:
    """What is inlined has the line and the name of what is inlined."""
    first = found.functions["first"]
    places = {found.place(pc) for pc in range(first.low, first.high)}
    lines = TEXT.splitlines().index("    func(1, job);") + 1
    assert {f"stage.c:{lines} (first)", f"stage.c:{lines + 1} (first)", "one.h:4 (bump)"} <= places
    assert found.place(1) == "0x1"


def test_sections(found: Layout) -> None:
    """What has to be restored is what can be written, and nothing that is written once, by the loader."""
    assert found.writable == (".data", ".bss")
    assert all(found.sections[name][1] > 0 for name in found.writable)


def test_our_own_headers_are_no_places() -> None:
    """An access that a macro or an inlined function of ours makes is that of the line that has it."""
    text = '#include "sub/one.h"\nint x;\nvoid f(void)\n{\n    bump(&x);\n}\n'
    found = layout(text, HEADER)
    f = found.functions["f"]
    assert "one.h:4 (bump)" in {found.place(pc) for pc in range(f.low, f.high)}
    rows = tuple(replace(row, file=row.file.replace("sub/", "/machine/xen/")) for row in found.places.rows)
    ours = replace(found.places, rows=rows)
    assert {ours.place(pc) for pc in range(f.low, f.high)} == {"stage.c:4 (f)", "stage.c:5 (f)", "stage.c:6 (f)"}


def test_a_variable_of_two_files() -> None:
    """Each has its own, and the names say which is whose."""
    found = layout("static int x;\nint *f(void) { return &x; }\n", glue="static int x;\nint *g(void) { return &x; }\n")
    assert sorted(named(found)) == ["glue.c:x", "stage.c:x"]
