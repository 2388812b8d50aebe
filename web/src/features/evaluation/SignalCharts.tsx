/** Folded below the metrics: how training went, epoch by epoch. */
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";

import { MetricChart, type MetricChartProps } from "./MetricChart";
import type { Named } from "./series";
import { haveSignals, prepareSignal, type SignalName, SIGNALS } from "./signals";

type SignalChartsProps = { shown: readonly Named[] } & Pick<MetricChartProps, "epoch" | "onEpoch" | "numbers" | "growing">;

export function SignalCharts({ shown, ...rest }: SignalChartsProps) {
  const { t } = useTranslation("evaluation");
  const [open, setOpen] = useState(false);
  if (!haveSignals(shown)) return null;
  return (
    <section className="ev-signals" aria-label={t("signals")}>
      <button type="button" className="ev-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="right" />{t("signals")}<span>{SIGNALS.map((signal) => t(`signal.${signal}`)).join(t("listComma"))}</span>
      </button>
      {open ? <div className="ev-charts small">{SIGNALS.map((signal) => <SignalChart key={signal} shown={shown} signal={signal} {...rest} />)}</div> : null}
    </section>
  );
}

function SignalChart({ shown, signal, ...rest }: SignalChartsProps & { signal: SignalName }) {
  const { t } = useTranslation("evaluation");
  const [whole, setWhole] = useState(false);
  const { chart, unit } = prepareSignal(shown, signal, whole);
  const lines = { solid: signal === "gradient_norm" ? t("mean") : t(`signal.${signal}`), dashed: signal === "gradient_norm" ? t("highest") : null };
  return <MetricChart chart={chart} title={t(`signal.${signal}`)} meaning={t(`signalMeaning.${signal}`, { unit })} lines={lines} whole={whole} onWhole={setWhole} {...rest} />;
}
