"""Reading litmus files: what is understood, and what is said of what is wrong, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.litmus.files.litmus_error import LitmusError, NotSupported
from harness.litmus.files.litmus_file import MOST_BYTES, MOST_PROCESSES, CannotRead, parse_litmus, read_litmus
from harness.litmus.files.syntax import Address
from tests.litmus.litmus_files import FILES, file_called, one_process, text_with


def error_of(text: str) -> str:
    """The line and the message of what is wrong with a file."""
    with pytest.raises(LitmusError) as caught:
        parse_litmus(text)
    return f"{caught.value.line}: {caught.value}"


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_understood(name: str) -> None:
    """Its name is in its first line."""
    assert file_called(name).name == name


def test_the_initial_state() -> None:
    """Numbers, addresses, locks and registers, with types or without; what only a process names, or a value, is 0."""
    initial = "{ x=0x10; int *p = &y; [y]=-3; spinlock_t t; atomic_t b = ATOMIC_INIT(2); q = z; 0:r0=x; int 0:r1=4; }"
    file = one_process("", initial=initial)
    assert file.locations == {"x": 16, "p": Address("y"), "y": -3, "b": 2, "q": Address("z"), "a": 0, "z": 0}
    assert file.locks == ("s", "t")
    assert file.registers == {(0, "r0"): Address("x"), (0, "r1"): 4}


@pytest.mark.parametrize(
    ("condition", "normal"),
    [
        ("exists x=1", "exists (x=1)"),
        ("~exists (0:r0=1 /\\ [x]=2 \\/ y != &x)", "~exists ((0:r0=1 /\\ x=2) \\/ y!=&x)"),
        ("not exists ~(P0:r1 == -1)", "~exists (~(0:r1=-1))"),
        ("locations [y; 0:r0;] forall (true /\\ (false \\/ x=x))", "forall (true /\\ (false \\/ x=&x))"),
    ],
)
def test_conditions(condition: str, normal: str) -> None:
    """They are shown in one way, however they are written."""
    assert str(one_process("", condition).condition) == normal


def test_what_is_looked_at() -> None:
    """Registers come first, by process, then locations."""
    condition = "locations [y; 0:r1] exists (x=1 /\\ 0:r0=1)"
    assert list(one_process("", condition).condition.watched) == ["0:r0", "0:r1", "x", "y"]


def test_comments_and_remarks() -> None:
    """All sorts of comments, nested ones too, strings and lines of other tools; inside a process, `(*x)` is no comment."""
    text = """
C name (* a (* nested *) comment { *)
"a string"
Generator=diy7 { is not the state yet, // so far
/* one more
*/ { } // the state
P0(int *x) { // nothing
  int r0 = READ_ONCE(*x) + (*x); /* *)
  */ }
(* the end *) exists (x=0) // really
"""
    assert parse_litmus(text.replace(" { is not the state yet, // so far", " PodWR Fre")).name == "name"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("rcu_read_lock();", "RCU"),
        ("\nsynchronize_rcu();", "RCU"),
        ("r0 = srcu_read_lock(x);", "SRCU"),
        ("while (1) ;", "while"),
        ("r0 = spin_is_locked(s);", "the function spin_is_locked"),
        ("r0 = (int)1;", "casts"),
        ("unsigned r5;", "unsigned"),
        ("int r5[2];", "arrays"),
        ("r0 = *x ? 1 : 2;", "`?`"),
        ("r0++;", "`++`"),
        ("r0 = 010;", "octal numbers"),
        ('r0 = "a";', "strings in a process"),
        ("atomic_t b;", "a local atomic_t"),
        ("r0 = " + "(" * 99 + "1" + ")" * 99 + ";", "more than 40 levels"),
        ("r0 = " + "1+" * 999 + "1;", "more than 100 operators in an expression"),
        ("if (1) " * 99 + ";", "more than 40 levels"),
        ("r0 = &r1;", "`&` before what does not begin with `*`"),
    ],
)
def test_what_is_not_supported(body: str, message: str) -> None:
    """One line says what, and where."""
    assert error_of(text_with(body)) == f"{4 + body.count(chr(10))}: not supported: {message}"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("r0 = smp_mb();", "smp_mb has no value"),
        ("r0 = 1 + smp_mb();", "smp_mb has no value"),
        ("WRITE_ONCE(x, 1);", "WRITE_ONCE takes a location such as `*x`, and this is none"),
        ("x = 1;", "x is a shared location: write `*x`"),
        ("z = 1;", "z is not declared in this process"),
        ("r0 = z;", "z is not declared in this process"),
        ("1 = 2;", "what begins with `1` cannot be assigned to"),
        ("int r0;", "r0 is declared twice"),
        ("r0 = 1UL;", "`1UL` is not a number"),
        ("r0 = 9223372036854775808;", "`9223372036854775808` is more than 9223372036854775807"),
        ("r0 = 'a';", 'unexpected character "\'"'),
        ("else r0 = 1;", "`else` without `if`"),
        ("WRITE_ONCE(*x);", "`,` in WRITE_ONCE, which has 2 operands expected, not `)`"),
        ("READ_ONCE(*x, 1);", "`)` after the 1 operand of READ_ONCE expected, not `,`"),
        ("r0 = ;", "an expression expected, not `;`"),
        ("/* r0", "the comment that begins here with /* has no end"),
    ],
)
def test_what_is_wrong_in_a_process(body: str, message: str) -> None:
    """One line says what, and where."""
    assert error_of(text_with(body)) == f"4: {message}"


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("exists (z=1)", "6: there is no location z"),
        ("exists (0:r9=1)", "6: there is no register 0:r9"),
        ("exists (1:r0=1)", "6: there is no register 1:r0"),
        ("exists (s=1)", "6: s is a lock: its value is not looked at"),
        ("exists (x=z)", "6: there is no location z"),
        ("filter (x=1) exists (x=1)", "6: not supported: filter"),
        ("exists (x[0]=1)", "6: not supported: arrays"),
        ("exists (x<1)", "6: `=` after x expected, not `<`"),
        ("exists (x=1", "7: `)` expected, not the end of the file"),
        ("exists (x=1))", "6: the end of the file expected, not `)`"),
        ("exists (x=1 /\\)", "6: a register such as `0:r0`, or a location, expected, not `)`"),
        ("locations [x y] exists (x=1)", "6: `;` in `locations` expected, not `y`"),
        ("", "7: a process, or the condition (exists, ~exists, forall), expected, not the end of the file"),
        (f"exists ({'~' * 99}x=1)", "6: not supported: more than 40 levels"),
    ],
)
def test_what_is_wrong_in_a_condition(condition: str, message: str) -> None:
    """One line says what, and where."""
    assert error_of(text_with("", condition)) == message


@pytest.mark.parametrize(
    ("initial", "message"),
    [
        ("{ x=1 y=2; }", "2: `;` after an initial value expected, not `y`"),
        ("{ int x[2]; }", "2: not supported: arrays"),
        ("{ struct foo x; }", "2: not supported: the type struct"),
        ("{ spinlock_t s = 1; }", "2: not supported: the initial value of a lock"),
        ("{ x=1; x=2; }", "2: x has two initial values"),
        ("{ 0:r0=1; 0:r0=2; }", "2: 0:r0 has two initial values"),
        ("{ s=1; }", "3: s is a lock in one place, and none in another"),
        ("{ 0:r7=1; }", "3: P0 has no register r7, which the initial state has a value for"),
        ("{ 3:r0=1; }", "6: there is no process P3, which has initial values"),
        ("", "3: `{` for the initial state expected, not `P0`"),
    ],
)
def test_what_is_wrong_in_an_initial_state(initial: str, message: str) -> None:
    """One line says what, and where."""
    assert error_of(text_with("", initial=initial)) == message


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("int x", "a parameter is a pointer to a shared location, such as `int *x`"),
        ("int *x, int *x", "x is declared twice"),
        ("int ***x", "not supported: a pointer such as x"),
        ("int *x[2]", "not supported: arrays"),
        ("volatile int *x", "not supported: the type volatile"),
        ("int *x; int *y", "`,` between parameters expected, not `;`"),
    ],
)
def test_what_is_wrong_with_parameters(parameters: str, message: str) -> None:
    """One line says what, and where."""
    assert error_of(text_with("", parameters=parameters)) == f"3: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" \n", "1: is empty"),
        ("\nX86 SB", "2: a litmus test in C begins with a line `C NAME`, not with 'X86'"),
        ("C \n{}", "1: the name of the test is missing: `C NAME`"),
        ("C a {} exists (true)", "1: P0 expected, not `exists`"),
        ("C a {}\nP1() {}", "2: P0 expected, not `P1`"),
        ("C a (* {}", "1: the comment that begins here with (* has no end"),
        ("C a {}" + "".join(f"P{i}(){{}}" for i in range(17)), f"1: not supported: more than {MOST_PROCESSES} processes"),
    ],
)
def test_what_is_wrong_with_a_whole_file(text: str, message: str) -> None:
    """One line says what, and where."""
    assert error_of(text) == message


def test_files_that_are_no_text(tmp_path: Path) -> None:
    """Binary files, directories, files that are too large or not there."""
    (tmp_path / "binary.litmus").write_bytes(b"C a\n{}\xff")
    with pytest.raises(LitmusError, match="is not text in UTF-8") as caught:
        read_litmus(str(tmp_path / "binary.litmus"))
    assert caught.value.line == 2
    (tmp_path / "large.litmus").write_bytes(b" " * (MOST_BYTES + 1))
    for name, message in (("large.litmus", "bytes"), ("none.litmus", "No such file"), ("", "Is a directory")):
        with pytest.raises(CannotRead, match=message):
            read_litmus(str(tmp_path / name))


def test_what_is_not_supported_is_an_error() -> None:
    """Whoever catches the one catches the other."""
    assert issubclass(NotSupported, LitmusError)
