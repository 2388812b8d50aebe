"""Bundles and competitions in the database; no Keras here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import Problem, error, problem
from blockwright.contracts.runs import (
    Bundle,
    BundleCreate,
    BundleFile,
    Competition,
    CompetitionCreate,
    DryRun,
    MachineFacts,
)
from blockwright.contracts.studio import BundleChanged, CompetitionChanged
from blockwright.contracts.work import (
    BundleMade,
    BundlePlan,
    CompetitionMade,
    CompetitionPlan,
    DryRunEnded,
    DryRunPlan,
    Progress,
    TrainPlan,
    WorkerEvent,
)
from blockwright.delivery.average_service import with_average
from blockwright.delivery.deliverables import make_zip
from blockwright.delivery.preprocessing import require_spectrogram
from blockwright.delivery.sample_submission import (
    SampleSubmission,
    check_classes,
    clips_missing_in,
    missing_clips_problem,
    read_sample_submission,
)
from blockwright.delivery.test_audio import extracted_audio, find_labels
from blockwright.graph.task import target_of
from blockwright.store.database import Database
from blockwright.store.events import publish
from blockwright.store.files import FileStore
from blockwright.store.queue import enqueue
from blockwright.store.tables import (
    BundleRow,
    CheckpointRow,
    CompetitionRow,
    ExperimentRow,
    JobRow,
    RunRow,
)
from blockwright.store.uploads import UploadStore

SUBMISSION_FILE = "submission.csv"


class DeliveryService:
    """What the API offers on bundles and competitions."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        uploads: UploadStore,
        *,
        local_paths_allowed: bool,
    ) -> None:
        """Use `database`, `files` and `uploads`; paths of this machine only where allowed."""
        self._database = database
        self._files = files
        self._uploads = uploads
        self._local_paths_allowed = local_paths_allowed

    def create_bundle(self, wanted: BundleCreate) -> Bundle:
        """Queue a bundle; gives the ready one when the same was made before."""
        with self._database.transaction() as session:
            run = _run(session, wanted.run_id)
            checkpoint = _checkpoint(session, run, wanted.checkpoint_id)
            group_id = run.group_id if wanted.averaged else None
            same = session.scalar(
                select(BundleRow).where(
                    BundleRow.run_id == run.id,
                    BundleRow.epoch == checkpoint.epoch,
                    BundleRow.group_id == group_id,
                    BundleRow.state != "failed",
                )
            )
            if same is not None:
                return _to_bundle(session, same)
            row = BundleRow(
                id=new_id("bun"),
                run_id=run.id,
                epoch=checkpoint.epoch,
                state="making",
                files=[],
                created_at=utc_now(),
                group_id=group_id,
            )
            session.add(row)
            folder = self._files.local_path(f"bundles/{row.id}")
            plan = self._bundle_plan(session, run, checkpoint, row.id, folder)
            if wanted.averaged:
                plan = with_average(session, self._files, plan, run)
            job = enqueue(
                session, project_id=run.project_id, kind="bundle", subject_id=row.id, plan=plan
            )
            row.job_id = job.id
            publish(
                session,
                run.project_id,
                BundleChanged(project_id=run.project_id, bundle_id=row.id),
            )
            return _to_bundle(session, row)

    def bundles(self, project_id: str) -> list[Bundle]:
        """List the bundles of a project, newest first."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(BundleRow)
                .join(RunRow, RunRow.id == BundleRow.run_id)
                .where(RunRow.project_id == project_id)
                .order_by(BundleRow.created_at.desc())
            )
            return [_to_bundle(session, row) for row in rows]

    def bundle(self, bundle_id: str) -> Bundle:
        """Give a bundle. Raises `delivery.bundle_not_found`."""
        with self._database.transaction() as session:
            row = session.get(BundleRow, bundle_id)
            if row is None:
                raise error("delivery.bundle_not_found")
            return _to_bundle(session, row)

    def bundle_file(self, bundle_id: str, name: str) -> Path:
        """Give the path of one file of a ready bundle, e.g. model.h5."""
        found = self._ready_bundle(bundle_id)
        if name not in {file.name for file in found.files}:
            raise error("delivery.file_not_found", name=name[:200])
        return self._files.local_path(f"bundles/{bundle_id}") / name

    def bundle_zip(self, bundle_id: str) -> Path:
        """Give the path of the whole bundle as one zip."""
        self._ready_bundle(bundle_id)
        folder = self._files.local_path(f"bundles/{bundle_id}")
        target = self._files.local_path(f"bundles/{bundle_id}.zip")
        return make_zip(folder, target, inside="blockwright-model")

    def create_competition(self, project_id: str, wanted: CompetitionCreate) -> Competition:
        """Check the files given and queue the making of the competition folder.

        The sample submission comes first: with a wrong one, every clip would seem missing.
        """
        sample_path = self._given(
            wanted.sample_submission_upload_id,
            wanted.sample_submission_path,
            "delivery.give_sample_submission",
        )
        shown = self._shown_name(wanted.sample_submission_upload_id, sample_path)
        sample = self._checked_sample(project_id, wanted.run_id, sample_path, shown)
        audio = self._given(
            wanted.test_audio_upload_id, wanted.test_audio_path, "delivery.give_test_audio"
        )
        _check_clips(audio, sample)
        with self._database.transaction() as session:
            run = _run_of_project(session, wanted.run_id, project_id)
            checkpoint = _checkpoint(session, run, None)
            row = _new_competition(run, checkpoint.epoch, wanted, sample)
            session.add(row)
            folder = self._files.local_path(f"competitions/{row.id}/kaggle")
            bundle = self._bundle_plan(session, run, checkpoint, row.id, folder)
            if wanted.averaged:
                bundle = with_average(session, self._files, bundle, run)
            plan = self._competition_plan(row, bundle, wanted, sample_path, audio)
            row.plan = plan.model_dump(mode="json")
            session.flush()
            job = enqueue(
                session, project_id=project_id, kind="competition", subject_id=row.id, plan=plan
            )
            row.job_id = job.id
            _publish_competition(session, row)
            return _to_competition(session, row)

    def competitions(self, project_id: str) -> list[Competition]:
        """List the competitions of a project, newest first."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(CompetitionRow)
                .where(CompetitionRow.project_id == project_id)
                .order_by(CompetitionRow.created_at.desc())
            )
            return [_to_competition(session, row) for row in rows]

    def competition(self, competition_id: str) -> Competition:
        """Give a competition. Raises `delivery.competition_not_found`."""
        with self._database.transaction() as session:
            return _to_competition(session, _competition(session, competition_id))

    def start_dry_run(self, competition_id: str) -> Competition:
        """Queue the execution of the notebook."""
        with self._database.transaction() as session:
            row = _competition(session, competition_id)
            if row.state != "ready":
                raise error("delivery.competition_not_ready", name=row.name)
            now = _dry_run(row)
            if now is not None and now.state in ("queued", "running"):
                return _to_competition(session, row)
            plan = self._dry_run_plan(row)
            job = enqueue(
                session,
                project_id=row.project_id,
                kind="dry_run",
                subject_id=row.id,
                plan=plan,
            )
            started = DryRun(
                id=plan.dry_run_id, state="queued", job_id=job.id, total_clips=row.test_clips
            )
            row.dry_run = started.model_dump(mode="json")
            _publish_competition(session, row)
            return _to_competition(session, row)

    def competition_zip(self, competition_id: str) -> Path:
        """Give the path of the competition folder as one zip."""
        with self._database.transaction() as session:
            row = _competition(session, competition_id)
            if row.state != "ready":
                raise error("delivery.competition_not_ready", name=row.name)
        base = self._files.local_path(f"competitions/{competition_id}/kaggle")
        target = self._files.local_path(f"competitions/{competition_id}/kaggle.zip")
        return make_zip(base, target, inside="kaggle")

    def submission(self, competition_id: str) -> Path:
        """Give the path of submission.csv of the last dry run that passed."""
        with self._database.transaction() as session:
            row = _competition(session, competition_id)
            last = _dry_run(row)
        if last is None or last.state != "passed":
            raise error("delivery.no_submission", name=row.name)
        return self._dry_run_folder(competition_id, last.id) / SUBMISSION_FILE

    def _ready_bundle(self, bundle_id: str) -> Bundle:
        found = self.bundle(bundle_id)
        if found.state != "ready":
            raise error("delivery.bundle_not_ready", experiment=found.experiment_name)
        return found

    def _checked_sample(
        self, project_id: str, run_id: str, path: Path, shown: str
    ) -> SampleSubmission:
        """Read the sample submission and compare its columns with the classes of the run."""
        if path.is_dir():
            raise error("delivery.sample_not_csv", file=shown)
        sample = read_sample_submission(path, shown)
        with self._database.transaction() as session:
            run = _run_of_project(session, run_id, project_id)
            trained = TrainPlan.model_validate(run.plan)
        check_classes(sample, _model_classes(trained), shown)
        require_spectrogram(trained)
        return sample

    def _given(self, upload_id: str | None, path: str | None, once: str) -> Path:
        """Give the place of something that came by upload or, where allowed, by path.

        Raises:
            BlockwrightError: `once` unless it was given in exactly one of the two ways,
                `delivery.local_paths_not_allowed`, `delivery.path_not_absolute`,
                `delivery.path_not_found`.
        """
        if (upload_id is None) == (path is None):
            raise error(once)
        if upload_id is not None:
            return self._uploads.path(upload_id)
        if not self._local_paths_allowed:
            raise error("delivery.local_paths_not_allowed")
        try:
            given = Path(path or "").expanduser()
        except RuntimeError as reason:  # "~name" of someone who has no home here
            raise error("delivery.path_not_found", path=(path or "")[:500]) from reason
        if not given.is_absolute():
            raise error("delivery.path_not_absolute", path=str(given)[:500])
        if not given.exists():
            raise error("delivery.path_not_found", path=str(given)[:500])
        return given

    def _shown_name(self, upload_id: str | None, path: Path) -> str:
        return self._uploads.get(upload_id).file_name if upload_id else path.name

    def _bundle_plan(
        self,
        session: Session,
        run: RunRow,
        checkpoint: CheckpointRow,
        bundle_id: str,
        folder: Path,
    ) -> BundlePlan:
        experiment = session.get_one(ExperimentRow, run.experiment_id)
        place = self._files.local_path(f"runs/{run.id}/checkpoints/{checkpoint.folder}")
        return BundlePlan(
            bundle_id=bundle_id,
            bundle_folder=str(folder),
            checkpoint_folder=str(place),
            train=TrainPlan.model_validate(run.plan),
            experiment_name=experiment.name,
            epoch=checkpoint.epoch,
            machine=MachineFacts.model_validate(run.machine) if run.machine else None,
        )

    def _competition_plan(
        self,
        row: CompetitionRow,
        bundle: BundlePlan,
        wanted: CompetitionCreate,
        sample_path: Path,
        audio: Path,
    ) -> CompetitionPlan:
        # The sample submission is kept: the dry run needs it when the upload is long gone.
        kept = f"competitions/{row.id}/sample_submission.csv"
        self._files.write(kept, sample_path.read_bytes())
        return CompetitionPlan(
            competition_id=row.id,
            folder=bundle.bundle_folder,
            bundle=bundle,
            name=wanted.name,
            kaggle_user=wanted.kaggle_user,
            competition_slug=wanted.competition_slug,
            sample_submission_path=str(self._files.local_path(kept)),
            test_audio_path=str(audio),
        )

    def _dry_run_plan(self, row: CompetitionRow) -> DryRunPlan:
        made = CompetitionPlan.model_validate(row.plan)
        extracted = extracted_audio(Path(made.folder))
        audio = extracted if extracted.is_dir() else Path(made.test_audio_path)
        dry_run_id = new_id("dry")
        given = Path(made.test_audio_path)
        labels = find_labels(audio, given if given.is_file() else audio)
        return DryRunPlan(
            dry_run_id=dry_run_id,
            competition_id=row.id,
            competition_folder=made.folder,
            work_folder=str(self._dry_run_folder(row.id, dry_run_id)),
            sample_submission_path=made.sample_submission_path,
            test_audio_path=str(audio),
            labels_path=str(labels) if labels else None,
        )

    def _dry_run_folder(self, competition_id: str, dry_run_id: str) -> Path:
        return self._files.local_path(f"competitions/{competition_id}/dry_runs/{dry_run_id}")


def record_event(session: Session, job: JobRow, event: WorkerEvent, files: FileStore) -> None:  # noqa: ARG001
    """Keep what a worker of this room's jobs says."""
    if isinstance(event, BundleMade):
        bundle = session.get_one(BundleRow, job.subject_id)
        bundle.state = "ready"
        bundle.files = [file.model_dump(mode="json") for file in event.files]
        _publish_bundle(session, job, bundle)
    elif isinstance(event, CompetitionMade):
        row = session.get_one(CompetitionRow, job.subject_id)
        row.state = "ready"
        row.files = [file.model_dump(mode="json") for file in event.files]
        row.test_clips, row.classes = event.test_clips, event.classes
        _publish_competition(session, row)
    elif isinstance(event, DryRunEnded):
        result = event.model_dump(mode="json", exclude={"type", "passed"})
        _change_dry_run(session, job, {"state": "passed" if event.passed else "failed", **result})
    elif isinstance(event, Progress) and job.kind == "dry_run":
        done, total = int(event.done_units), int(event.total_units)
        _change_dry_run(
            session, job, {"state": "running", "done_clips": done, "total_clips": total}
        )


def record_end(session: Session, job: JobRow, problem: Problem | None) -> None:
    """Note that a job of this room ended without success."""
    told = (problem or _stopped()).model_dump(mode="json")
    if job.kind == "bundle":
        bundle = session.get_one(BundleRow, job.subject_id)
        if bundle.state == "making":
            bundle.state, bundle.problem = "failed", told
            _publish_bundle(session, job, bundle)
    elif job.kind == "competition":
        row = session.get_one(CompetitionRow, job.subject_id)
        if row.state == "preparing":
            row.state, row.problem = "failed", told
            _publish_competition(session, row)
    else:
        _change_dry_run(session, job, {"state": "failed", "problem": told})


def _stopped() -> Problem:
    return problem("delivery.stopped")


def _change_dry_run(session: Session, job: JobRow, changes: dict[str, Any]) -> None:
    """Change the dry run of this very job; a newer one is left alone."""
    row = session.get_one(CompetitionRow, job.subject_id)
    now = _dry_run(row)
    if now is None or now.job_id != job.id or now.state in ("passed", "failed"):
        return
    row.dry_run = now.model_dump(mode="json") | changes
    _publish_competition(session, row)


def _publish_bundle(session: Session, job: JobRow, row: BundleRow) -> None:
    publish(session, job.project_id, BundleChanged(project_id=job.project_id, bundle_id=row.id))


def _publish_competition(session: Session, row: CompetitionRow) -> None:
    publish(
        session,
        row.project_id,
        CompetitionChanged(project_id=row.project_id, competition_id=row.id),
    )


def _run(session: Session, run_id: str) -> RunRow:
    row = session.get(RunRow, run_id)
    if row is None:
        raise error("delivery.run_not_found")
    return row


def _run_of_project(session: Session, run_id: str, project_id: str) -> RunRow:
    row = _run(session, run_id)
    if row.project_id != project_id:
        raise error("delivery.run_not_found")
    return row


def _competition(session: Session, competition_id: str) -> CompetitionRow:
    row = session.get(CompetitionRow, competition_id)
    if row is None:
        raise error("delivery.competition_not_found")
    return row


def _checkpoint(session: Session, run: RunRow, checkpoint_id: str | None) -> CheckpointRow:
    """Give the checkpoint asked for, else the best one, else the newest."""
    rows = session.scalars(
        select(CheckpointRow)
        .where(CheckpointRow.run_id == run.id)
        .order_by(CheckpointRow.is_best.desc(), CheckpointRow.epoch.desc())
    ).all()
    for row in rows:
        if checkpoint_id in (None, row.id):
            return row
    raise error("delivery.no_checkpoint", number=run.number)


def _check_clips(audio: Path, sample: SampleSubmission) -> None:
    """Look whether a folder has all clips; a zip is looked into by the worker."""
    missing = clips_missing_in(audio, sample.names) if audio.is_dir() else []
    if missing:
        raise missing_clips_problem(missing, len(sample.names), str(audio))


def _new_competition(
    run: RunRow, epoch: int, wanted: CompetitionCreate, sample: SampleSubmission
) -> CompetitionRow:
    return CompetitionRow(
        id=new_id("cmp"),
        project_id=run.project_id,
        run_id=run.id,
        name=wanted.name,
        epoch=epoch,
        state="preparing",
        plan={},
        files=[],
        test_clips=len(sample.names),
        classes=len(sample.classes),
        validation_score=run.best_value,
        created_at=utc_now(),
    )


def _model_classes(plan: TrainPlan) -> list[str]:
    """Give the model's classes in the order of its outputs."""
    _, source = target_of(plan.graph, plan.data.data_schema)
    if source.kind not in ("multi_label", "categorical"):
        raise error("delivery.no_classes")
    return source.classes or source.features


def _dry_run(row: CompetitionRow) -> DryRun | None:
    return DryRun.model_validate(row.dry_run) if row.dry_run else None


def _experiment_name(session: Session, run_id: str) -> str:
    name = session.scalar(
        select(ExperimentRow.name)
        .join(RunRow, RunRow.experiment_id == ExperimentRow.id)
        .where(RunRow.id == run_id)
    )
    return name or ""


def _to_bundle(session: Session, row: BundleRow) -> Bundle:
    return Bundle(
        id=row.id,
        run_id=row.run_id,
        experiment_name=_experiment_name(session, row.run_id),
        epoch=row.epoch,
        group_id=row.group_id,
        state=row.state,
        files=[BundleFile.model_validate(file) for file in row.files],
        job_id=row.job_id,
        problem=Problem.model_validate(row.problem) if row.problem else None,
        created_at=row.created_at,
    )


def _to_competition(session: Session, row: CompetitionRow) -> Competition:
    return Competition(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        run_id=row.run_id,
        experiment_name=_experiment_name(session, row.run_id),
        epoch=row.epoch,
        state=row.state,
        job_id=row.job_id,
        test_clips=row.test_clips,
        classes=row.classes,
        files=[BundleFile.model_validate(file) for file in row.files],
        dry_run=_dry_run(row),
        problem=Problem.model_validate(row.problem) if row.problem else None,
        created_at=row.created_at,
        validation_score=row.validation_score,
    )
