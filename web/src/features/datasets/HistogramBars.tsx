/** A distribution, 30 px high: a shape, not a chart. */
import type { Schemas } from "@/api/client";
import { number } from "@/ui/measures";

const MAX_BARS = 80;

/** With labels, a bar under the pointer tells its class and how many rows have it. */
export function HistogramBars({ counts, labels }: { counts: readonly number[]; labels?: readonly string[] | null | undefined }) {
  const bars = counts.slice(0, MAX_BARS);
  const highest = Math.max(1, ...bars);
  const width = 100 / Math.max(1, bars.length);
  return (
    <svg className="ds-hist" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
      {bars.map((count, place) => {
        const height = count ? Math.max(1.5, (count / highest) * 29) : 0;
        const label = labels?.[place];
        return <rect key={place} x={place * width} y={30 - height} width={Math.max(0.3, width - Math.min(0.6, width / 5))} height={height}>{label === undefined ? null : <title>{`${label}: ${number(count)}`}</title>}</rect>;
      })}
    </svg>
  );
}

/** Minimum, middle and maximum below a histogram. */
export function HistogramScale({ histogram, words, middle }: { histogram: Schemas["Histogram"]; words: (value: number) => string; middle: (value: number) => string }) {
  if (histogram.minimum === null || histogram.minimum === undefined) return <div className="ds-scale" />;
  return (
    <div className="ds-scale">
      <span>{words(histogram.minimum)}</span>
      {typeof histogram.median === "number" ? <span className="ell">{middle(histogram.median)}</span> : null}
      {typeof histogram.maximum === "number" ? <span>{words(histogram.maximum)}</span> : null}
    </div>
  );
}
