"""Routes of experiments and of the block catalogue."""

from __future__ import annotations

from fastapi import APIRouter

from blockwright.contracts.graph import (
    Catalogue,
    Edit,
    Experiment,
    ExperimentCreate,
    ExperimentRename,
    ExperimentSummary,
    SnippetCard,
)
from blockwright.contracts.presets import PresetCard
from blockwright.contracts.probes import Probe, ProbeKind
from blockwright.graph.catalogue import catalogue
from blockwright.server.services import ServicesOf

router = APIRouter(tags=["experiments"])


@router.get("/catalogue")
def get_catalogue() -> Catalogue:
    """Give every block, snippet and setting with its cards."""
    return catalogue()


@router.get("/projects/{project_id}/experiments")
def list_experiments(project_id: str, services: ServicesOf) -> list[ExperimentSummary]:
    """List the experiments of a project, newest first."""
    return services.experiments.list_all(project_id)


@router.post("/projects/{project_id}/experiments", status_code=201)
def create_experiment(
    project_id: str, wanted: ExperimentCreate, services: ServicesOf
) -> Experiment:
    """Make an experiment."""
    return services.experiments.create(project_id, wanted)


@router.get("/projects/{project_id}/presets")
def list_presets(project_id: str, services: ServicesOf) -> list[PresetCard]:
    """Give the presets that suit the newest version of a project."""
    return services.experiments.presets(project_id)


@router.get("/experiments/{experiment_id}")
def get_experiment(experiment_id: str, services: ServicesOf) -> Experiment:
    """Give an experiment with graph, settings and analysis."""
    return services.experiments.get(experiment_id)


@router.get("/experiments/{experiment_id}/snippets")
def get_fitted_snippets(experiment_id: str, services: ServicesOf) -> list[SnippetCard]:
    """Give the snippets fitted to the experiment's data, for a canvas that is empty."""
    return services.experiments.snippets(experiment_id)


@router.patch("/experiments/{experiment_id}")
def rename_experiment(
    experiment_id: str, wanted: ExperimentRename, services: ServicesOf
) -> Experiment:
    """Give an experiment another name."""
    return services.experiments.rename(experiment_id, wanted)


@router.delete("/experiments/{experiment_id}", status_code=204)
def bin_experiment(experiment_id: str, services: ServicesOf) -> None:
    """Move an experiment to the bin."""
    services.experiments.bin(experiment_id)


@router.post("/experiments/{experiment_id}/restore")
def restore_experiment(experiment_id: str, services: ServicesOf) -> Experiment:
    """Take an experiment out of the bin."""
    return services.experiments.restore(experiment_id)


@router.post("/experiments/{experiment_id}/duplicate", status_code=201)
def duplicate_experiment(experiment_id: str, services: ServicesOf) -> Experiment:
    """Make a copy of an experiment."""
    return services.experiments.duplicate(experiment_id)


@router.post("/experiments/{experiment_id}/edits")
def edit_experiment(experiment_id: str, wanted: Edit, services: ServicesOf) -> Experiment:
    """Apply one step of edits to graph or settings."""
    return services.experiments.edit(experiment_id, wanted)


@router.post("/experiments/{experiment_id}/undo")
def undo_edit(experiment_id: str, services: ServicesOf) -> Experiment:
    """Take the last step back."""
    return services.experiments.undo(experiment_id)


@router.post("/experiments/{experiment_id}/redo")
def redo_edit(experiment_id: str, services: ServicesOf) -> Experiment:
    """Do the last undone step again."""
    return services.experiments.redo(experiment_id)


@router.get("/experiments/{experiment_id}/probes/{kind}")
def get_probe(experiment_id: str, kind: ProbeKind, services: ServicesOf) -> Probe:
    """Tell what was measured of an experiment as it is now."""
    return services.probes.get(experiment_id, kind)


@router.post("/experiments/{experiment_id}/probes/{kind}")
def start_probe(experiment_id: str, kind: ProbeKind, services: ServicesOf) -> Probe:
    """Measure an experiment as it is now, unless that was done."""
    return services.probes.start(experiment_id, kind)
