"""Cost tables, scenarios and metrics: what a stage costs."""

from harness.performance.measurement import Load, Performance, measure
from harness.performance.scene import MeasurementError

__all__ = ["Load", "MeasurementError", "Performance", "measure"]
