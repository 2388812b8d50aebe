/**
 * The curve of the learning rate as a drawing: numbers first, lines second.
 *
 * Takes   the points that the server gives, and the size of the drawing in pixels.
 * Gives   a path, and the words at its axes.
 */
import type { Analysis } from "./document";

export type RatePoint = NonNullable<Analysis["rates"]>[number];

export type RateDrawing = {
  path: string;
  /** Rates at the vertical axis, the highest first. */
  rates: { y: number; words: string }[];
  /** Epochs at the horizontal axis. */
  epochs: { x: number; words: string }[];
};

export type Frame = { width: number; height: number; left: number; right: number; top: number; bottom: number };

/** Three digits at most, never an exponent where a person reads a decimal more easily. */
export function rateWords(rate: number): string {
  if (rate === 0) return "0";
  if (rate < 1e-6) return rate.toExponential(0);
  return String(Number(rate.toPrecision(3)));
}

export function drawRates(points: readonly RatePoint[], epochs: number, frame: Frame): RateDrawing {
  const highest = Math.max(...points.map(({ rate }) => rate), Number.MIN_VALUE);
  const x = (epoch: number) => frame.left + (epoch / epochs) * (frame.width - frame.left - frame.right);
  const y = (rate: number) => frame.top + (1 - rate / highest) * (frame.height - frame.top - frame.bottom);
  const place = (value: number) => value.toFixed(1);
  const last = points.at(-1);
  // The last step is a little before the end of the last epoch: the line reaches the edge all the same.
  const drawn = last ? [...points, { epoch: epochs, rate: last.rate }] : [];
  const middle = Math.round(epochs / 2);
  const marks = epochs > 2 ? [0, middle, epochs] : [0, epochs];
  return {
    path: drawn.map((point, index) => `${index ? "L" : "M"}${place(x(point.epoch))} ${place(y(point.rate))}`).join(""),
    rates: [highest, highest / 2, 0].map((rate) => ({ y: y(rate), words: rateWords(rate) })),
    epochs: marks.map((epoch) => ({ x: x(epoch), words: String(epoch) })),
  };
}
