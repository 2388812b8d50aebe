/** The lists of the queue; waiting trainings are moved by their buttons or by dragging. */
import { useMutation, useMutationState, useQuery, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys, queueQuery } from "@/api/queries";
import { describeProblem } from "@/i18n";
import { inOrder, moved, without } from "@/model/queueOrder";
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
  const leaving = useLeaving();
  const title = useRef<HTMLHeadingElement>(null);
  if (queue.error && !queue.data) return <ErrorNote error={queue.error} />;
  if (!queue.data) return <p className="dim" aria-busy="true">{t("reading")}</p>;
  const { running, workers } = queue.data;
  const waiting = without(queue.data.waiting, leaving);
  const remove = (run: QueuedRun) => {
    leave.mutate(run);
    // With the last one its button goes too, and the focus would leave the panel.
    if (waiting.length === 1) title.current?.focus();
  };
  return (
    <div className="queue">
      <div className="row">
        <h2 className="sp" ref={title} tabIndex={-1}>{t("title")}</h2>
        <span className="t11 dim">{t("workers", { count: workers })}</span>
      </div>
      {running.length + waiting.length === 0 ? <p className="mut">{t("empty")}</p> : null}
      {running.length ? (
        <ul aria-label={t("running")}>
          {running.map((run) => <RunningItem key={run.job_id} run={run} onLeave={onLeave} />)}
        </ul>
      ) : null}
      {waiting.length ? <WaitingList waiting={waiting} onOrder={(ids) => order.mutate(ids)} onLeave={onLeave} onRemove={remove} /> : null}
      <ErrorNote error={order.error ?? leave.error} />
      {waiting.length ? <p className="t11 dim">{t("rule")}</p> : null}
    </div>
  );
}

const ORDER = ["order-queue"];

/** Orders reach the studio one after the other; the reply to the last one counts. */
function useOrder() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: ORDER,
    scope: { id: "order-queue" },
    mutationFn: (ids: string[]) => unwrap(api.PUT("/api/v1/queue", { body: { job_ids: ids } })),
    onMutate: (ids) => {
      void client.cancelQueries({ queryKey: keys.queue });
      client.setQueryData(queueQuery.queryKey, (old) => old && { ...old, waiting: inOrder(old.waiting, ids) });
    },
    onSuccess: (queue) => {
      if (client.isMutating({ mutationKey: ORDER }) === 1) client.setQueryData(queueQuery.queryKey, queue);
    },
    onError: () => client.invalidateQueries({ queryKey: keys.queue }),
  });
}

const LEAVE = ["leave-queue"];

function useLeave() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: LEAVE,
    mutationFn: (run: QueuedRun) => unwrap(api.POST("/api/v1/runs/{run_id}/stop", { params: { path: { run_id: run.run_id } } })),
    onSettled: (_run, _error, run) => Promise.all([keys.queue, keys.jobs, keys.runs(run.project_id)].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

/** Those whose way out is not over: what the studio tells meanwhile may still hold them. */
function useLeaving(): ReadonlySet<string> {
  const pending = useMutationState({ filters: { mutationKey: LEAVE, status: "pending" }, select: (mutation) => mutation.state.variables as QueuedRun });
  return new Set(pending.map((run) => run.job_id));
}

/** A name that no other run has, for those who hear it without its row. */
function useFullName(): (run: QueuedRun) => string {
  const { t } = useTranslation("queue");
  return (run) => t("runIn", { name: run.experiment_name, number: run.run_number, project: run.project_name });
}

function RunName({ run, onLeave }: { run: QueuedRun; onLeave: () => void }) {
  const { t } = useTranslation("queue");
  const fullName = useFullName()(run);
  const name = t("runOf", { name: run.experiment_name, number: run.run_number });
  return (
    <span className="ell">
      <Link className="b5" aria-label={fullName} to={`/projects/${run.project_id}/evaluation?run=${run.run_id}`} title={name} onClick={onLeave}>{name}</Link>
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
  const fullName = useFullName();
  const ids = waiting.map((run) => run.job_id);
  // The pressed button moves with its row; at an end it is off, and its neighbour takes the focus.
  const [focus, setFocus] = useState<{ id: string; step: number } | null>(null);
  useEffect(() => {
    if (!focus) return;
    const row = list.current?.querySelector(`[data-job="${focus.id}"]`);
    const wanted = row?.querySelector<HTMLButtonElement>(focus.step === 0 ? ".queue-leave" : focus.step < 0 ? ".queue-up" : ".queue-down");
    (wanted?.disabled ? row?.querySelector<HTMLButtonElement>(focus.step < 0 ? ".queue-down" : ".queue-up") : wanted)?.focus();
  }, [focus, waiting]);
  const step = (run: QueuedRun, place: number, by: number) => {
    setFocus({ id: run.job_id, step: by });
    setSaid(t("movedTo", { name: fullName(run), place: place + by + 1 }));
    onOrder(moved(ids, run.job_id, place + by));
  };
  const remove = (run: QueuedRun, place: number) => {
    const neighbour = ids[place + 1] ?? ids[place - 1];
    if (neighbour) setFocus({ id: neighbour, step: 0 });
    setSaid(t("hasLeft", { name: fullName(run) }));
    onRemove(run);
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
              <button type="button" className="btn quiet icon sm queue-up" disabled={place === 0} aria-label={t("up", { name: fullName(run) })} title={t("upShort")} onClick={() => step(run, place, -1)}><Icon name="up" /></button>
              <button type="button" className="btn quiet icon sm queue-down" disabled={place === waiting.length - 1} aria-label={t("down", { name: fullName(run) })} title={t("downShort")} onClick={() => step(run, place, 1)}><Icon name="down" /></button>
              <button type="button" className="btn quiet icon sm queue-leave" aria-label={t("leave", { name: fullName(run) })} title={t("leaveShort")} onClick={() => remove(run, place)}><Icon name="x" /></button>
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
  const at = (seconds: number) => ({ time: clock(new Date(now + seconds * 1000)), wait: duration(seconds) });
  const seconds = run.starts_in_seconds;
  const earliest = run.earliest_in_seconds ?? 0;
  const unknown = earliest < 60 ? t("startUnknown") : t("startsNotBefore", at(earliest));
  const start = seconds == null ? unknown : seconds < 1 ? t("startsNow") : t("startsAbout", at(seconds));
  return <>{[start, memoryOf(run)].filter(Boolean).join(" · ")}</>;
}
