/** A distribution, 30 px high: a shape, not a chart. */
import type { Schemas } from "@/api/client";
import { number } from "@/ui/measures";

const MAX_BARS = 80;

/** With labels, of which the server counts no more than can be shown, a bar under the pointer tells its class and how many rows have it. */
export function HistogramBars({ counts, labels }: { counts: readonly number[]; labels?: readonly string[] | null | undefined }) {
  const bars = labels ? counts : counts.slice(0, MAX_BARS);
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

/** So many characters stand beside one another in the narrowest column. */
const FITTING = 20;

/** Minimum, middle and maximum below a histogram. In a narrow column the middle is its number alone rather than a part of it. */
export function HistogramScale({ histogram, words, middle }: { histogram: Schemas["Histogram"]; words: (value: number) => string; middle: (value: number) => string }) {
  if (histogram.minimum === null || histogram.minimum === undefined) return <div className="ds-scale" />;
  const [least, most] = [words(histogram.minimum), typeof histogram.maximum === "number" ? words(histogram.maximum) : ""];
  const median = typeof histogram.median === "number" ? { value: words(histogram.median), words: middle(histogram.median) } : null;
  const isLong = least.length + most.length + (median?.words.length ?? 0) > FITTING;
  return (
    <div className={isLong ? "ds-scale long" : "ds-scale"}>
      <span>{least}</span>
      {median ? <span className="ell" title={median.words}><span className="full">{median.words}</span><span className="short">{median.value}</span></span> : null}
      {most ? <span>{most}</span> : null}
    </div>
  );
}
