"""How a run computes: chosen once, kept with the run, and told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from blockwright.contracts.base import Model

Precision = Literal["float32", "bfloat16"]
Reason = Literal["by_setting", "no_faster_hardware", "too_small", "measured", "differed", "failed"]
BackendReason = Literal["by_setting", "by_environment", "gpu", "processor"]


class EngineTrial(Model):
    """A few steps of this model on this machine in one way."""

    precision: Precision
    xla: bool
    seconds_per_row: float = Field(gt=0)
    loss_difference: float = Field(
        0.0,
        description="Over the first steps, the largest from float32, as a share of its first loss",
    )


class EngineChoice(Model):
    """Backend, precision, threads and compilation of a run, and why they are so."""

    backend: str = Field(description="As Keras names it, e.g. tensorflow")
    backend_why: BackendReason | None = Field(
        None, description="Why this backend; null of runs that earlier studios began"
    )
    precision: Precision = Field(description="Of products; weights are float32 in any case")
    threads: int = Field(ge=1, description="Cores that one operation may use")
    xla: bool = Field(description="Whether the step is compiled as a whole")
    steps_at_once: int = Field(
        1, ge=1, description="Steps that one call may learn; 1: each step is a call of its own"
    )
    why: Reason = Field(description="Why this precision and compilation")
    trials: list[EngineTrial] = Field(default_factory=list)
