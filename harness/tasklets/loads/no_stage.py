"""A stage that does nothing: loads are set up on it to see whether their parameters make sense, when there is no stage at hand."""

from __future__ import annotations

from typing import Any, cast

from stages.api import StageModule
from stages.hypervisor import Struct


class NoSubsystem:
    """Takes every call of the API."""

    def __init__(self, hv: Any) -> None:
        self.hv = hv

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


class NoStage:
    """What a module must define to be a stage."""

    Tasklet = Struct
    TaskletSubsystem = NoSubsystem


NO_STAGE = cast(StageModule, NoStage)
