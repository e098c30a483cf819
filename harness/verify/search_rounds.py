"""Carries out the searches of a series for several clauses side by side: in each round, what all of them want to know next is tested.

Each clause and kind is judged by its own tests alone, whatever else a round has to test: otherwise a stage might differ from its
neighbour only because more was tested of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from harness.jobs.driving import Driven, JobStep, drive
from harness.jobs.remembering import KnownOutcomes
from harness.jobs.standing import Progress
from harness.sources.target import Target
from harness.verify.run_stages import Verification, gather_verdicts, verify_steps
from harness.verify.series_search import Answer, ClauseSearch
from harness.verify.steps import Pair
from harness.verify.verdicts import ERROR, FAIL, PASS, UNTESTABLE, Failure, KindResult

# The position of a stage, and a clause and kind to test it for.
Want = tuple[int, Pair]
Results = dict[Want, KindResult]
# Whether a violation at this stage is accepted.
Accepts = Callable[[int, KindResult], bool]


@dataclass
class PairSearch:
    """The search for one clause and kind: what each stage that was tested has done, at first and once more, and what that comes to."""

    pair: Pair
    search: ClauseSearch
    results: dict[int, KindResult] = field(default_factory=dict)
    results_again: dict[int, KindResult] = field(default_factory=dict)

    @property
    def answer(self) -> Answer:
        """What the search comes to."""
        return self.search.answer()


@dataclass(frozen=True)
class Judge:
    """Tests stages: how far, on how many processes, and what is known from earlier runs."""

    targets: Sequence[Target]
    # Its clauses do not count.
    plan: Verification
    jobs: int
    progress: Progress
    cache: KnownOutcomes | None = None

    def results(self, wants: Sequence[Want], *, afresh: bool = False) -> Results:
        """The result of each; `afresh`: nothing comes from the cache. Raises `KeyboardInterrupt` if that ends it."""
        positions = sorted({position for position, _ in wants})
        places = {position: place for place, position in enumerate(positions)}
        steps: dict[tuple[int, str, str, str], JobStep] = {}
        for want in wants:
            for step in self._steps(want):
                steps.setdefault(_name(step), replace(step, position=places[want[0]]))
        chosen = [self.targets[position] for position in positions]
        driven = drive(chosen, steps.values(), self.jobs, self.progress, cache=None if afresh else self.cache)
        if driven.interrupted:
            raise KeyboardInterrupt
        problems = {positions[place]: problem for place, problem in driven.problems.items()}
        return {
            (stage, pair): _untestable(pair, problems[stage]) if stage in problems else self._result((stage, pair), steps, driven)
            for stage, pair in wants
        }

    def _steps(self, want: Want) -> list[JobStep]:
        position, pair = want
        steps = verify_steps([self.targets[position]], self._plan(pair))
        return [replace(step, position=position) for step in steps]

    def _plan(self, pair: Pair) -> Verification:
        clause, kind = pair
        return replace(self.plan, clauses=((clause, (kind,)),))

    def _result(self, want: Want, steps: dict[tuple[int, str, str, str], JobStep], driven: Driven) -> KindResult:
        position, (clause, kind) = want
        own = [steps[_name(step)] for step in self._steps(want)]
        alone = Driven({replace(step, position=0): driven.outcomes[step] for step in own})
        (clauses,) = gather_verdicts([self.targets[position]], self._plan((clause, kind)), alone)
        return clauses[clause].kinds[kind]


def _name(step: JobStep) -> tuple[int, str, str, str]:
    return step.job.target.index, step.job.part, step.job.kind, step.job.model


def _untestable(pair: Pair, problem: str) -> KindResult:
    return KindResult(*pair, ERROR, executions=0, failure=Failure(UNTESTABLE, problem))


def accept_nothing(stage: int, result: KindResult) -> bool:
    """No violation is accepted."""
    return False


def search_series(judge: Judge, pairs: Iterable[Pair], how: str, accepts: Accepts = accept_nothing) -> list[PairSearch]:
    """Search for each pair until nothing more is wanted; then test once more, from scratch, what would accuse somebody."""
    found = [PairSearch(pair, ClauseSearch(how, len(judge.targets))) for pair in pairs]
    while wants := [(stage, each.pair) for each in found for stage in each.search.wanted()]:
        results = judge.results(wants)
        for each in found:
            each.results |= {stage: result for (stage, pair), result in results.items() if pair == each.pair}
            each.search.known |= {stage: verdict(stage, result, accepts) for stage, result in each.results.items()}
    if again := [(stage, each.pair) for each in found for stage in each.search.to_confirm()]:
        results = judge.results(again, afresh=True)
        for each in found:
            each.results_again = {stage: result for (stage, pair), result in results.items() if pair == each.pair}
            each.search.again = {stage: verdict(stage, result, accepts) for stage, result in each.results_again.items()}
    return found


def verdict(stage: int, result: KindResult, accepts: Accepts) -> str:
    """The verdict that a search goes by: what is accepted is as good as kept."""
    return PASS if result.verdict == FAIL and accepts(stage, result) else result.verdict
