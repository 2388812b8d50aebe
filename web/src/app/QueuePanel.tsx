/** The lists of the queue; waiting trainings are moved by their buttons or by dragging. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys, queueQuery } from "@/api/queries";
import { describeProblem } from "@/i18n";
import { moved } from "@/model/queueOrder";
import { Icon, Mark } from "@/ui/Icon";
import { bytes, clock, duration, percent } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";
import { useNow } from "@/ui/useNow";

type QueuedRun = Schemas["QueuedRun"];

export function QueuePanel({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation("queue");
  const queue = useQuery(queueQuery);
  const order = useOrder();
  const leave = useLeave();
  if (queue.error && !queue.data) return <ErrorNote error={queue.error} />;
  if (!queue.data) return <p className="dim" aria-busy="true">{t("reading")}</p>;
  const { running, waiting, workers } = queue.data;
  return (
    <div className="queue">
      <div className="row">
        <h2 className="sp">{t("title")}</h2>
        <span className="t11 dim">{t("workers", { count: workers })}</span>
      </div>
      {running.length + waiting.length === 0 ? <p className="mut">{t("empty")}</p> : null}
      {running.length ? (
        <ul aria-label={t("running")}>
          {running.map((run) => <RunningItem key={run.job_id} run={run} onLeave={onLeave} />)}
        </ul>
      ) : null}
      {waiting.length ? <WaitingList waiting={waiting} onOrder={(ids) => order.mutate(ids)} onLeave={onLeave} onRemove={(run) => leave.mutate(run)} /> : null}
      <ErrorNote error={order.error ?? leave.error} />
      {waiting.length ? <p className="t11 dim">{t("rule")}</p> : null}
    </div>
  );
}

function useOrder() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids: string[]) => unwrap(api.PUT("/api/v1/queue", { body: { job_ids: ids } })),
    onMutate: (ids) => {
      void client.cancelQueries({ queryKey: keys.queue });
      client.setQueryData(queueQuery.queryKey, (old) => old && { ...old, waiting: ids.flatMap((id) => old.waiting.filter((run) => run.job_id === id)) });
    },
    onSuccess: (queue) => client.setQueryData(queueQuery.queryKey, queue),
    onError: () => client.invalidateQueries({ queryKey: keys.queue }),
  });
}

function useLeave() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (run: QueuedRun) => unwrap(api.POST("/api/v1/runs/{run_id}/stop", { params: { path: { run_id: run.run_id } } })),
    onSettled: (_run, _error, run) => Promise.all([keys.queue, keys.jobs, keys.runs(run.project_id)].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

function RunName({ run, onLeave }: { run: QueuedRun; onLeave: () => void }) {
  const { t } = useTranslation("queue");
  const name = t("runOf", { name: run.experiment_name, number: run.run_number });
  return (
    <span className="ell">
      <Link className="b5" to={`/projects/${run.project_id}/evaluation?run=${run.run_id}`} title={name} onClick={onLeave}>{name}</Link>
      <span className="dim"> · {run.project_name}</span>
    </span>
  );
}

function RunningItem({ run, onLeave }: { run: QueuedRun; onLeave: () => void }) {
  const { t } = useTranslation("queue");
  const facts = [percent(run.done), run.seconds_left == null ? null : t("left", { time: duration(run.seconds_left) }), memoryOf(run)];
  return (
    <li className="queue-item">
      <span className="st live"><Mark name="live" /></span>
      <RunName run={run} onLeave={onLeave} />
      <span className="sub num">{facts.filter(Boolean).join(" · ")}</span>
    </li>
  );
}

const memoryOf = (run: QueuedRun): string | null => (run.needs.memory_bytes ? `≈ ${bytes(run.needs.memory_bytes)}` : null);

type WaitingProps = { waiting: readonly QueuedRun[]; onOrder: (jobIds: string[]) => void; onRemove: (run: QueuedRun) => void; onLeave: () => void };

function WaitingList({ waiting, onOrder, onRemove, onLeave }: WaitingProps) {
  const { t } = useTranslation("queue");
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const [said, setSaid] = useState("");
  const ids = waiting.map((run) => run.job_id);
  // The pressed button moves with its row; at an end it is off, and its neighbour takes the focus.
  const [focus, setFocus] = useState<{ id: string; step: number } | null>(null);
  useEffect(() => {
    if (!focus) return;
    const row = list.current?.querySelector(`[data-job="${focus.id}"]`);
    const wanted = row?.querySelector<HTMLButtonElement>(focus.step < 0 ? ".queue-up" : ".queue-down");
    (wanted?.disabled ? row?.querySelector<HTMLButtonElement>(focus.step < 0 ? ".queue-down" : ".queue-up") : wanted)?.focus();
  }, [focus, waiting]);
  const step = (run: QueuedRun, place: number, by: number) => {
    setFocus({ id: run.job_id, step: by });
    setSaid(t("movedTo", { name: run.experiment_name, place: place + by + 1 }));
    onOrder(moved(ids, run.job_id, place + by));
  };
  const drop = (event: DragEvent, place: number) => {
    event.preventDefault();
    if (dragged) onOrder(moved(ids, dragged, place));
    setDragged(null);
    setOver(null);
  };
  return (
    <>
      <ol aria-label={t("waiting")} ref={list}>
        {waiting.map((run, place) => (
          <li
            key={run.job_id} data-job={run.job_id} draggable className={`queue-item${dragged === run.job_id ? " dragged" : ""}${over === place && dragged ? " over" : ""}`}
            onDragStart={(event) => { event.dataTransfer.effectAllowed = "move"; setDragged(run.job_id); }}
            onDragOver={(event) => { event.preventDefault(); setOver(place); }}
            onDragEnd={() => { setDragged(null); setOver(null); }}
            onDrop={(event) => drop(event, place)}
          >
            <span className="queue-place num" title={t("place", { place: run.place ?? place + 1 })}>{run.place}</span>
            <RunName run={run} onLeave={onLeave} />
            <span className="queue-tools">
              <button type="button" className="btn quiet icon sm queue-up" disabled={place === 0} aria-label={t("up", { name: run.experiment_name })} title={t("upShort")} onClick={() => step(run, place, -1)}><Icon name="up" /></button>
              <button type="button" className="btn quiet icon sm queue-down" disabled={place === waiting.length - 1} aria-label={t("down", { name: run.experiment_name })} title={t("downShort")} onClick={() => step(run, place, 1)}><Icon name="down" /></button>
              <button type="button" className="btn quiet icon sm" aria-label={t("leave", { name: run.experiment_name })} title={t("leaveShort")} onClick={() => onRemove(run)}><Icon name="x" /></button>
            </span>
            <span className="sub num"><StartWords run={run} /></span>
          </li>
        ))}
      </ol>
      <span className="sr" role="status">{said}</span>
    </>
  );
}

function StartWords({ run }: { run: QueuedRun }) {
  const { t } = useTranslation("queue");
  const now = useNow(true);
  if (run.waits_for) return <>{describeProblem(run.waits_for).message}</>;
  const seconds = run.starts_in_seconds;
  const start = seconds == null ? t("startUnknown") : seconds < 1 ? t("startsNow") : t("startsAbout", { time: clock(new Date(now + seconds * 1000)), wait: duration(seconds) });
  return <>{[start, memoryOf(run)].filter(Boolean).join(" · ")}</>;
}
