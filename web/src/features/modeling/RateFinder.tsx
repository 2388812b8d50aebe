/** Beside the learning rate: a test that shows which rates let the loss fall, and the button that sets one. */
import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Schemas } from "@/api/client";
import { jobsQuery } from "@/api/queries";
import { Icon, Mark } from "@/ui/Icon";
import { metricValue } from "@/ui/measures";
import { ErrorNote, ProblemNote } from "@/ui/ProblemNote";

import { useGestures, useModeling } from "./ModelingContext";
import { type Probe, useProbe } from "./probes";
import { placeOfRate, prepareRateChart, rateWords } from "./rateTest";

export function RateFinder() {
  const { t } = useTranslation("modeling");
  const { experiment } = useModeling();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="btn quiet sm rate-finder" disabled={!experiment.analysis.can_run} onClick={() => setOpen(true)}><Icon name="wave" />{t("find_rate")}</button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t("rate_test")} size={560} centered closeButtonProps={{ "aria-label": t("close") }}>
        <RateDialog onClose={() => setOpen(false)} />
      </Modal>
    </>
  );
}

function RateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("modeling");
  const { probe, canStart, start, failure } = useProbe("rate_test");
  const { edit } = useGestures();
  const test = probe?.rate_test;
  const suggested = test?.suggested;
  return (
    <div className="rate-test">
      <p className="t12 mut">{t("rate_test_what")}</p>
      {probe?.state === "measuring" ? <RateProgress probe={probe} /> : null}
      {probe?.problem ? <ProblemNote problem={probe.problem} /> : null}
      <ErrorNote error={failure} />
      {test ? (
        <>
          <RateCurve test={test} />
          <p className="b5">{suggested == null ? t("rate_none") : t("rate_found", { low: rateWords(test.low ?? suggested), high: rateWords(test.high ?? suggested), suggested: rateWords(suggested) })}</p>
        </>
      ) : null}
      <div className="end-row row">
        <span className="sp" />
        {probe?.state === "none" || probe?.state === "failed" ? <button type="button" className="btn lg primary" disabled={!canStart} onClick={start}>{t("rate_start")}</button> : null}
        {suggested == null ? null : (
          <button type="button" className="btn lg primary" onClick={() => { edit([{ op: "set_setting", name: "learning_rate", value: suggested }]); onClose(); }}>{t("rate_set", { rate: rateWords(suggested) })}</button>
        )}
      </div>
    </div>
  );
}

function RateProgress({ probe }: { probe: Probe }) {
  const { t } = useTranslation("modeling");
  const job = useQuery(jobsQuery).data?.find((each) => each.id === probe.job_id);
  return (
    <div className="rate-progress" role="status">
      <div className="bar"><span style={{ width: `${Math.max(3, (job?.done ?? 0) * 100)}%` }} /></div>
      <p className="t12 mut"><span className="st live"><Mark name="live" />{job?.total_units ? t("rate_step", { step: job.done_units ?? 0, steps: job.total_units }) : t("rate_starting")}</span></p>
    </div>
  );
}

const WIDTH = 512;
const HEIGHT = 220;
const LEFT = 44;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 34;

function RateCurve({ test }: { test: Schemas["RateTest"] }) {
  const { t } = useTranslation("modeling");
  const [pointed, setPointed] = useState<number | null>(null);
  const chart = prepareRateChart(test);
  const x = (rate: number) => LEFT + placeOfRate(chart, rate) * (WIDTH - LEFT - RIGHT);
  const y = (loss: number) => Math.max(TOP, TOP + (1 - (loss - chart.bottom) / (chart.top - chart.bottom)) * (HEIGHT - TOP - BOTTOM));
  const line = test.points.map((point) => `${x(point.rate).toFixed(1)} ${y(point.smoothed).toFixed(1)}`).join("L");
  const near = pointed === null ? null : test.points.reduce((best, point) => (Math.abs(x(point.rate) - pointed) < Math.abs(x(best.rate) - pointed) ? point : best));
  return (
    <svg
      className="rate-curve" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t("rate_curve")}
      onPointerMove={(event) => { const box = event.currentTarget.getBoundingClientRect(); setPointed(((event.clientX - box.left) / box.width) * WIDTH); }}
      onPointerLeave={() => setPointed(null)}
    >
      {test.low != null && test.high != null ? <rect x={x(test.low)} y={TOP} width={Math.max(2, x(test.high) - x(test.low))} height={HEIGHT - TOP - BOTTOM} fill="var(--accent-soft)" /> : null}
      {chart.lossTicks.map((tick) => (
        <g key={tick}>
          <path d={`M${LEFT} ${y(tick)}H${WIDTH - RIGHT}`} stroke="var(--line)" />
          <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end">{metricValue(tick, 2)}</text>
        </g>
      ))}
      {chart.rateTicks.map((tick) => <text key={tick} x={x(tick)} y={HEIGHT - BOTTOM + 16} textAnchor="middle">{rateWords(tick)}</text>)}
      <text x={WIDTH - RIGHT} y={HEIGHT - 4} textAnchor="end">{t("learning_rate_axis")}</text>
      <path d={`M${line}`} fill="none" stroke="var(--s1)" strokeWidth="2" strokeLinejoin="round" />
      {test.suggested == null ? null : <path d={`M${x(test.suggested)} ${TOP}V${HEIGHT - BOTTOM}`} stroke="var(--accent)" strokeWidth="1.5" />}
      {near ? (
        <>
          <circle cx={x(near.rate)} cy={y(near.smoothed)} r="4" fill="var(--s1)" stroke="var(--surface)" strokeWidth="1.5" />
          <text className="near" x={LEFT + 6} y={HEIGHT - 4}>{t("rate_at", { rate: near.rate.toPrecision(2), loss: metricValue(near.smoothed) })}</text>
        </>
      ) : null}
    </svg>
  );
}
