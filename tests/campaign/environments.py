"""Worlds to be started in, good and bad: each with a good stage and with a bad one, whose verdicts must not become each other's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from stages import FIXED
from tests.campaign.running import BAD, GOOD, REFUSED, Case

STAGE = "tasklet.py"
GOOD_STAGE = FIXED.stages[-1].path.read_text(encoding="utf-8")
BAD_STAGE = f"{GOOD_STAGE}\nTaskletSubsystem.tasklet_schedule = lambda self, t: None\n"
WORDS = ("check", STAGE, "--check", "exactly-once", "--kind", "softirq", "--seeds", "1", "--executions", "100", "--jobs", "2")


@dataclass(frozen=True)
class World:
    """What is odd: variables (None: not set), words of a shell before and behind, files where it is started.

    `may_refuse`: it is right to say that nothing can be done there.
    """

    environment: dict[str, str | None] = field(default_factory=dict)
    before: str = ""
    behind: str = ""
    files: dict[str, str] = field(default_factory=dict)
    may_refuse: bool = False


# As the installed command has it. `python -m harness` runs the `harness` that lies where it is started, whatever that is: so does Python.
SAFE: dict[str, str | None] = {"PYTHONSAFEPATH": "1"}
EXITS = "raise SystemExit(1)\n"
ANOTHER = ("harness/__init__", "harness/__main__", "stages/__init__")
LONG = "/." * 150

WORLDS = {
    "as usual": World(),
    **{f"closed {fds}": World(behind=" ".join(f"{fd}>&-" for fd in fds.split())) for fds in ("0", "1", "2", "0 1", "1 2", "0 1 2")},
    "a full disk": World(behind=">/dev/full", may_refuse=True),
    "stderr full": World(behind="2>/dev/full"),
    "LANG=C": World({"LANG": "C", "LC_ALL": "C"}),
    "LANG of nowhere": World({"LANG": "xx_YY.none", "LC_ALL": "xx_YY.none"}),
    "ASCII": World({"PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"}),
    "no HOME": World({"HOME": None}),
    "HOME is nowhere": World({"HOME": "/nowhere"}),
    "no PATH": World({"PATH": None}),
    "PATH is nowhere": World({"PATH": "/nowhere"}),
    "TMPDIR is nowhere": World(before="export TMPDIR=/nowhere;"),
    "TMPDIR is no directory": World(before="export TMPDIR=/dev/null;"),
    "TMPDIR is long": World(before=f'export TMPDIR="$TMPDIR{LONG}";'),
    "hash seed 0": World({"PYTHONHASHSEED": "0"}),
    "hash seed 4242": World({"PYTHONHASHSEED": "4242"}),
    "random hash seed": World({"PYTHONHASHSEED": "random"}),
    "1 column": World({"COLUMNS": "1", "LINES": "1"}),
    "no columns": World({"COLUMNS": "0"}),
    "columns are words": World({"COLUMNS": "many", "LINES": "-1"}),
    "no docstrings": World({"PYTHONOPTIMIZE": "2"}),
    "warnings are errors": World({"PYTHONWARNINGS": "error"}),
    "development mode": World({"PYTHONDEVMODE": "1"}),
    "no bytecode": World({"PYTHONDONTWRITEBYTECODE": "1"}),
    "16 open files": World(before="ulimit -n 16;", may_refuse=True),
    "10 open files": World(before="ulimit -n 10;", may_refuse=True),
    "300 MB": World(before="ulimit -v 300000;", may_refuse=True),
    "100 MB": World(before="ulimit -v 100000;", may_refuse=True),
    "no large files": World(before="ulimit -f 0;", may_refuse=True),
    "a small stack": World(before="ulimit -s 512;", may_refuse=True),
    "umask 777": World(before="umask 777;", may_refuse=True),
    "no SIGINT": World(before="trap '' INT;"),
    "no SIGTERM, SIGHUP, SIGPIPE": World(before="trap '' TERM HUP PIPE;"),
    "no SIGCHLD": World(before="trap '' CHLD;"),
    "no SIGALRM, SIGVTALRM, SIGPROF": World(before="trap '' ALRM VTALRM PROF;"),
    "nohup": World(before="nohup true; trap '' HUP INT;"),
    "a directory that cannot be written": World(before="chmod a-w .;"),
    "a removed directory": World(before=f'here=$PWD; mkdir gone; cd gone; rmdir ../gone; set -- "${{@/#{STAGE}/$here/{STAGE}}}";'),
    **{f"{name} lies there": World(files={name: EXITS}) for name in ("tabulate.py", "random.py", "stages.py", "greenlet.py")},
    "harness.py lies there": World(SAFE, files={"harness.py": EXITS}),
    "another harness lies there": World(SAFE, files={f"{name}.py": EXITS for name in ANOTHER}),
    "sitecustomize lies there": World(files={"sitecustomize.py": EXITS, "usercustomize.py": EXITS}),
    "a terminal of nowhere": World({"TERM": "none", "NO_COLOR": "1"}),
    "a debugger is asked for": World({"PYTHONBREAKPOINT": "os.abort", "PYTHONINSPECT": None}),
    "a time zone of nowhere": World({"TZ": "Nowhere/None"}),
}  # fmt: skip


def cases() -> Iterator[Case]:
    """Both stages in every world."""
    for name, world in WORLDS.items():
        for source, verdict in ((GOOD_STAGE, GOOD), (BAD_STAGE, BAD)):
            right = frozenset({verdict, *([REFUSED] if world.may_refuse else [])})
            what = f"{name}, {'bad' if verdict else 'good'} stage"
            yield Case(what, WORDS, right, world.environment, world.before, world.behind, {STAGE: source, **world.files})
