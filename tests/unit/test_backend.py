"""Which backend a worker loads: kept with the run, set in the experiment, or the fastest here."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from blockwright.contracts.engine import EngineChoice
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.queue import NO_LIMITS
from blockwright.contracts.work import ForecastPlan, TrainPlan
from blockwright.graph.analysis import analyse
from blockwright.training import backends
from blockwright.training.backends import (
    automatic_backend,
    backend_of,
    can_use_gpu,
    require_backend,
    why_backend,
)
from blockwright.training.kept_engine import ENGINE_FILE
from blockwright.training.needs import needs_within
from tests.support.tiny_run import tiny_plan


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)


@pytest.fixture
def gpus(tmp_path: Path) -> Path:
    folder = tmp_path / "gpus"
    (folder / "0000:01:00.0").mkdir(parents=True)
    return folder


def install(monkeypatch, *packages: str) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda name: name if name in packages else None)


def test_a_gpu_needs_its_plugin(gpus, monkeypatch):
    install(monkeypatch)
    assert automatic_backend(gpus) == "tensorflow"
    install(monkeypatch, "jax_cuda12_plugin")
    assert automatic_backend(gpus) == "jax"


def test_a_plugin_needs_a_gpu(tmp_path, monkeypatch):
    install(monkeypatch, "jax_cuda12_plugin")
    assert automatic_backend(tmp_path) == "tensorflow"
    assert automatic_backend(tmp_path / "none") == "tensorflow"


def test_what_the_environment_names_is_taken(gpus, monkeypatch):
    install(monkeypatch, "jax_cuda12_plugin")
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    assert automatic_backend(gpus) == "tensorflow"


def test_a_backend_uses_a_gpu_only_as_it_is_installed(monkeypatch):
    install(monkeypatch)
    assert not can_use_gpu("jax")
    install(monkeypatch, "jax_cuda12_plugin")
    assert can_use_gpu("jax")
    monkeypatch.setattr(backends, "distribution", lambda name: name)
    assert not can_use_gpu("tensorflow")

    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(backends, "distribution", missing)
    assert can_use_gpu("tensorflow")


def test_each_backend_has_its_reason(tmp_path, gpus, monkeypatch):
    install(monkeypatch, "jax_cuda12_plugin")
    assert why_backend("jax", "jax", tmp_path / "none") == "by_setting"
    assert why_backend("auto", "tensorflow", tmp_path / "none") == "processor"
    assert why_backend("auto", "jax", gpus) == "gpu"
    assert why_backend("auto", "jax", tmp_path / "none") == "by_environment"
    assert why_backend("auto", "tensorflow", gpus) == "by_environment"


def keep(plan: TrainPlan, backend: str) -> None:
    choice = EngineChoice(
        backend=backend, precision="float32", threads=2, xla=False, why="too_small"
    )
    folder = Path(plan.run_folder)
    folder.mkdir(exist_ok=True)
    (folder / ENGINE_FILE).write_text(choice.model_dump_json())


def test_a_setting_goes_before_the_machine_and_what_is_kept_before_both(tmp_path, monkeypatch):
    plan = tiny_plan(tmp_path)
    assert backend_of(plan) == "tensorflow"
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert backend_of(plan) == "jax"
    keep(plan, "tensorflow")
    assert backend_of(plan) == "tensorflow"
    chosen = tiny_plan(tmp_path / "chosen", backend="tensorflow")
    assert backend_of(chosen) == "tensorflow"
    assert backend_of(ForecastPlan(probe_id="prb_1", train=chosen)) == "tensorflow"


def refusal(act) -> str:
    with pytest.raises(BlockwrightError) as caught:
        act()
    return f"{caught.value.problem.code}: {caught.value.problem.fix}"


def test_a_backend_that_is_not_there_is_refused_with_what_to_do(tmp_path, monkeypatch):
    install(monkeypatch, "tensorflow")
    plan = tiny_plan(tmp_path, backend="jax")
    graph, schema, settings = plan.graph, plan.data.data_schema, plan.settings
    analysis = analyse(graph, schema, settings)
    at_once = refusal(lambda: needs_within(NO_LIMITS, analysis, settings))
    assert at_once.startswith("training.backend_missing: Set Backend to Automatic in Settings")
    assert "pip install jax" in at_once
    assert refusal(lambda: require_backend(plan)) == at_once
    keep(plan, "jax")
    gone = refusal(lambda: require_backend(plan))
    assert gone.startswith("training.backend_gone: Install JAX")
    require_backend(tiny_plan(tmp_path / "other"))
