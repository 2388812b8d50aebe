/** Quantities in words, in the language of the person: durations, bytes, rates, shares, times of day. */
import { i18next } from "@/i18n";

const word = (key: string, params: Record<string, string | number>) => i18next.t(key, { ns: "measures", ...params });

/** A number with the grouping of the language and a true minus; `decimals` digits after the point, always. */
export function number(value: number, decimals = 0): string {
  return value.toLocaleString(locale(), { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).replace("-", "−");
}

/** Nobody counts the digits of a loss that ran away. */
const RAN_AWAY = 1e12;

const power = (value: number, decimals: number) => value.toExponential(decimals).replace("e+", "e").replaceAll("-", "−");

/**
 * A metric's value; a value that is not a number is a dash. Errors in units of a feature may have
 * any size: large ones lose their fraction, and small ones keep two digits rather than become 0.
 */
export function metricValue(value: number | null | undefined, decimals = 3): string {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= RAN_AWAY) return power(value, 2);
  if (size >= 1_000) return number(value, Math.min(decimals, size < 10_000 ? 1 : 0));
  if (size === 0 || size >= 10 ** -decimals / 2) return number(value, decimals);
  return value.toPrecision(2).replaceAll("-", "−");
}

// British English writes a million as “m”, which is a metre here.
const compactLocale = () => (locale() === "en-GB" ? "en-US" : locale());

/** "86K", "235K", "1.2M": a large number in two or three digits, where there is little room. */
export function compact(value: number): string {
  if (Math.abs(value) >= RAN_AWAY) return power(value, 0);
  return value.toLocaleString(compactLocale(), { notation: "compact" }).replace("-", "−");
}

/** A number at an axis, where there is room for five signs. */
export function axisNumber(value: number, decimals: number): string {
  const size = Math.abs(value);
  if (size >= RAN_AWAY) return power(value, 0);
  if (size >= 10_000) return value.toLocaleString(compactLocale(), { notation: "compact", maximumFractionDigits: 1 }).replace("-", "−");
  return size > 0 && size < 0.001 ? String(Number(value.toPrecision(2))).replaceAll("-", "−") : value.toFixed(decimals);
}

/** "41 s", "2 min 34 s", "1 h 50 min", "3 d 4 h": the two largest units. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return word("seconds", { n: whole });
  if (whole < 600 && whole % 60) return word("minutesSeconds", { m: Math.floor(whole / 60), s: whole % 60 });
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return word("minutes", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? word("hoursMinutes", { h: hours, m: minutes % 60 }) : word("hours", { n: hours });
  return word("daysHours", { d: Math.floor(hours / 24), h: hours % 24 });
}

/** "0.45 s", "2.6 s", then as `duration`: for times that are measured and may be short. */
export function preciseDuration(seconds: number): string {
  if (seconds >= 9.95) return duration(seconds);
  return word("seconds", { n: number(Math.max(0, seconds), seconds < 0.995 ? 2 : 1) });
}

/** "98.7 MB": powers of 1000, as disks and Kaggle count. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = count;
  let place = 0;
  while (size >= 999.5 && place < units.length - 1) {
    size /= 1000;
    place += 1;
  }
  return `${number(size, place === 0 || size >= 99.95 ? 0 : 1)} ${units[place]}`;
}

/** "65 %" from 0.65. */
export function percent(share: number): string {
  return `${number(Math.floor(share * 100))} %`;
}

/** "6.2" below a hundred, "412" above: enough digits for a rate. */
export function rate(perSecond: number): string {
  return number(perSecond, perSecond < 100 ? 1 : 0);
}

/** "14:32" today, else with the date. */
export function clock(when: Date): string {
  const sameDay = when.toDateString() === new Date().toDateString();
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return when.toLocaleString(locale(), sameDay ? time : { ...time, day: "numeric", month: "short" });
}

/** "14:32" today, else "yesterday" or "18 Nov". */
export function day(when: Date, now = new Date()): string {
  const days = Math.round((midnight(now) - midnight(when)) / DAY_MS);
  if (days === 0) return when.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (days === 1) return relative(-1, "day");
  const year = when.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return spaced(when.toLocaleDateString(locale(), { day: "numeric", month: "short", year }));
}

/** "2 minutes ago", "yesterday", "3 weeks ago"; "now" within the last minute. */
export function ago(when: Date, now = new Date()): string {
  const seconds = (now.getTime() - when.getTime()) / 1_000;
  if (seconds < 60) return relative(0, "second");
  if (seconds < 3_600) return relative(-Math.floor(seconds / 60), "minute");
  const days = Math.round((midnight(now) - midnight(when)) / DAY_MS);
  if (days === 0) return relative(-Math.floor(seconds / 3_600), "hour");
  if (days < 14) return relative(-days, "day");
  return days < 60 ? relative(-Math.floor(days / 7), "week") : relative(-Math.floor(days / 30.4), "month");
}

const DAY_MS = 86_400_000;

const midnight = (when: Date): number => Date.UTC(when.getFullYear(), when.getMonth(), when.getDate());

/** Between digits and Han characters stands a space. */
const spaced = (text: string): string => text.replace(/(\d)(?=\p{Script=Han})|(\p{Script=Han})(?=\d)/gu, "$& ");

function relative(count: number, unit: Intl.RelativeTimeFormatUnit): string {
  return spaced(new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(count, unit));
}

/** "24.6 M" of 24,649,680; whole numbers below a million. */
export function millions(count: number): string {
  return count < 1_000_000 ? number(count) : `${number(count / 1_000_000, 1)} M`;
}

function locale(): string {
  return i18next.language === "zh" ? "zh-CN" : "en-GB";
}
