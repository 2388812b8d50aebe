/** The learning rate from the first step to the last, as the settings make it. */
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { drawRates, rateWords } from "@/model/rateCurve";

import { useModeling } from "./ModelingContext";

const FRAME = { width: 264, height: 118, left: 48, right: 8, top: 24, bottom: 32 };

export function RateCurve() {
  const { t } = useTranslation("modeling");
  const { experiment } = useModeling();
  const { settings, analysis } = experiment;
  const points = analysis.rates ?? [];
  const figure = useRef<HTMLElement>(null);
  // Unfolded at the lower edge, or chosen anew, the schedule is seen for what it does.
  useEffect(() => {
    figure.current?.scrollIntoView({ block: "nearest" });
  }, [settings.schedule]);
  if (points.length === 0) return null;
  const drawing = drawRates(points, settings.epochs ?? 1, FRAME);
  const base = FRAME.height - FRAME.bottom;
  const highest = Math.max(...points.map(({ rate }) => rate));
  const words = t("rate_curve_words", { first: rateWords(points[0]?.rate ?? 0), highest: rateWords(highest), last: rateWords(points.at(-1)?.rate ?? 0), epochs: settings.epochs });
  return (
    <figure className="rate-curve" ref={figure}>
      <svg viewBox={`0 0 ${FRAME.width} ${FRAME.height}`} role="img" aria-label={words}>
        {drawing.rates.map(({ y, words: rate }) => (
          <g key={rate}>
            <path d={`M${FRAME.left} ${y}H${FRAME.width - FRAME.right}`} stroke="var(--line)" />
            <text x={FRAME.left - 6} y={y + 3.5} textAnchor="end">{rate}</text>
          </g>
        ))}
        {drawing.epochs.map(({ x, words: epoch }, place) => (
          <text key={epoch} x={x} y={base + 14} textAnchor={place === drawing.epochs.length - 1 ? "end" : "middle"}>{epoch}</text>
        ))}
        <text x={FRAME.left - 6} y={10} textAnchor="end">{t("rate_axis")}</text>
        <text x={FRAME.width - FRAME.right} y={base + 28} textAnchor="end">{t("epoch_axis")}</text>
        <path d={drawing.path} fill="none" stroke="var(--accent)" strokeWidth="2" strokeLinejoin="round" />
      </svg>
      {settings.schedule === "plateau" && <figcaption className="t12 mut">{t("rate_plateau")}</figcaption>}
    </figure>
  );
}
