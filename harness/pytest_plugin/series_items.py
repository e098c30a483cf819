"""A series as pytest sees it: a collector for it and for each stage, an item for each test, and what is shown of one that fails."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.cli.exit_codes import HarnessFault
from harness.jobs.server_link import NoWorkers
from harness.pytest_plugin.asked_series import AskedSeries
from harness.pytest_plugin.case_ids import APPLIES, Case
from harness.pytest_plugin.case_verdicts import CANNOT_TEST, EXCUSED, KEPT, NO_VERDICT, CaseVerdict, CaseVerdicts
from harness.pytest_plugin.known_outcomes import SessionOutcomes
from harness.pytest_plugin.option_rows import SKIP
from harness.report.looks import NARROW, Looks
from harness.report.replay_command import replay_command
from harness.suite.program import SuiteMistake
from harness.suite.registry import UnknownSuite

# What reports have with them where the outcome alone does not tell, also on their way between processes.
WORD = "harness_word"
UNDECIDED_WORD = "UNDECIDED"


class SeriesFailure(Exception):
    """A test of a series does not pass: the text is all that is shown, the first line is what lists of failures show."""


class SeriesViolation(SeriesFailure):
    """The stage does not keep the clause, or nobody can tell why it does not come back."""


class NoVerdict(SeriesFailure):
    """The search was cut off."""


class CannotTest(SeriesFailure):
    """Nothing can be said of the stage."""


class SeriesCollector(pytest.Collector):
    """All tests of a series."""

    asked: AskedSeries
    cases: Sequence[Case]

    def collect(self) -> Iterator[pytest.Collector]:
        for stage in dict.fromkeys(case.stage for case in self.cases):
            found: StageCollector = StageCollector.from_parent(self, name=stage, nodeid=stage)
            found.cases = [case for case in self.cases if case.stage == stage]
            found.asked = self.asked
            yield found


class StageCollector(pytest.Collector):
    """The tests of a stage."""

    asked: AskedSeries
    cases: Sequence[Case]

    def collect(self) -> Iterator[pytest.Item]:
        for case in self.cases:
            item: CaseItem = CaseItem.from_parent(self, name=case.name, nodeid=case.id)
            item.take(case, self.asked)
            yield item


class CaseItem(pytest.Item):
    """A stage, a clause and a kind."""

    case: Case
    # Its number.
    stage: int

    def take(self, case: Case, asked: AskedSeries) -> None:
        """Be that test: with a marker whose arguments say the same, and words for `-k`."""
        self.case = case
        self.stage = asked.targets[case.position].index if case.clause != APPLIES else int(case.stage.rpartition("/")[2])
        model = case.model or asked.verification.every_model[0]
        about = {"series": asked.series.name, "stage": self.stage, "clause": case.clause, "kind": case.kind, "model": model}
        self.add_marker(pytest.mark.harness(**about))
        self.extra_keyword_matches.update(filter(None, (f"stage{self.stage}", case.clause, case.kind, case.model)))

    def runtest(self) -> None:
        plugin = self.config.pluginmanager.get_plugin(SeriesPlugin.NAME)
        assert isinstance(plugin, SeriesPlugin)
        plugin.run(self.case)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.config.rootpath / self.case.stage, None, f"stage {self.stage}: {self.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if not isinstance(excinfo.value, SeriesFailure):
            return super().repr_failure(excinfo, style)
        shown = super().repr_failure(excinfo, style="value")
        if (crash := getattr(shown, "reprcrash", None)) is not None:
            crash.message = str(excinfo.value).partition("\n")[0]
        return shown


class SeriesPlugin:
    """Collects a series, and says what its tests come to. `chosen`: those that were named, in the order of the series."""

    NAME = "harness-series"

    def __init__(self, config: pytest.Config, asked: AskedSeries, chosen: Sequence[Case], undecided: str, path: Sequence[str]) -> None:
        self.config = config
        self.asked = asked
        self.chosen = chosen
        self.skips_undecided = undecided == SKIP
        self.path = path
        self.outcomes: SessionOutcomes | None = None
        self.verdicts: CaseVerdicts | None = None
        self.selected: Sequence[Case] = ()

    # What is tested.

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """The series stands beside the files."""
        report = yield
        if isinstance(collector, pytest.Session):
            found: SeriesCollector = SeriesCollector.from_parent(collector, name=self.asked.series.name, nodeid=self.asked.series.name)
            found.asked, found.cases = self.asked, self.chosen
            report.result = [*report.result, found]
        return report

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.selected = [item.case for item in session.items if isinstance(item, CaseItem)]

    def pytest_report_header(self) -> str:
        return f"harness: {self.asked.headline}"

    # What comes of it.

    def run(self, case: Case) -> None:
        """Execute a test; whatever does not pass is an exception."""
        if self.verdicts is None:
            self.outcomes = SessionOutcomes(self.asked.no_cache)
            self.verdicts = CaseVerdicts(self.asked, self.path, self.outcomes)
        self.verdicts.selected = self.selected
        try:
            judged = self.verdicts.judged(case)
        except (SuiteMistake, UnknownSuite) as error:
            raise CannotTest(str(error)) from None
        except NoWorkers as error:
            raise CannotTest(f"nothing can be tested here: {error}") from None
        except HarnessFault as error:
            raise CannotTest(f"internal error, please report it: {error}") from None
        self._say(case, judged)

    def _say(self, case: Case, judged: CaseVerdict) -> None:
        if judged.outcome == KEPT:
            return
        if judged.outcome == EXCUSED:
            pytest.xfail(judged.reason)
        if judged.outcome == CANNOT_TEST:
            raise CannotTest(judged.reason)
        if judged.outcome == NO_VERDICT:
            if self.skips_undecided:
                pytest.skip(judged.reason)
            raise NoVerdict(judged.reason)
        raise SeriesViolation("\n\n".join([judged.reason, *self._shown(case, judged)]))

    def _shown(self, case: Case, judged: CaseVerdict) -> Iterable[str]:
        """The execution, and what executes it again."""
        if judged.failure is None or not judged.failure.replay or self.verdicts is None:
            return
        yield self.verdicts.shown(case, judged.failure, Looks(self._width)).rstrip("\n")
        yield replay_command(judged.failure.replay, self.asked.words)

    @property
    def _width(self) -> int:
        """The terminal's, which only the first of several processes has; never less than what is readable everywhere."""
        width = getattr(self.config, "workerinput", {}).get("harness_width") or self.config.get_terminal_writer().fullwidth
        return max(int(width), NARROW)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Of a stage that cannot be tested, nothing has been tested: that is an error, not a failure."""
        report = yield
        if call.excinfo is not None and isinstance(call.excinfo.value, CannotTest):
            report.when = "setup"
        if call.excinfo is not None and isinstance(call.excinfo.value, NoVerdict):
            setattr(report, WORD, UNDECIDED_WORD)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.CollectReport | pytest.TestReport) -> tuple[str, str, str] | None:
        """What has no verdict fails by another name."""
        return ("failed", "U", UNDECIDED_WORD) if getattr(report, WORD, "") == UNDECIDED_WORD and report.failed else None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """What a process of pytest-xdist cannot know by itself."""
        node.workerinput["harness_width"] = self.config.get_terminal_writer().fullwidth
        node.workerinput["harness_path"] = list(self.path)

    def pytest_unconfigure(self) -> None:
        if self.outcomes is not None:
            self.outcomes.close()
