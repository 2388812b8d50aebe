/** Clips with their labels flow into one sound: what a dataset is made of. The labels are classes of the sample. */
import { useTranslation } from "react-i18next";

const LABELS = ["dog", "clock_tick", "sea_waves"] as const;
const BARS = Array.from({ length: 13 }, (_, place) => Math.abs(Math.sin(place * 1.3)));

export function FoldersDrawing() {
  const { t } = useTranslation("home");
  return (
    <svg className="folders" viewBox="0 0 200 84" aria-hidden="true">
      {LABELS.map((label, place) => {
        const y = 8 + place * 26;
        return (
          <g key={label}>
            <rect x="1" y={y - 6} width="92" height="22" rx="4" fill="var(--surface)" stroke="var(--line-2)" />
            <path d={`M8 ${y + 1}h4l1.500 2h5v6h-10.500z`} fill="none" stroke="var(--text-3)" />
            <text x="24" y={y + 9} fontSize="11" fill="var(--text-2)">{t(`sample_${label}`)}</text>
            <path d={`M93 ${y + 5}C125 ${y + 5} 118 39 146 39`} fill="none" stroke="var(--ink)" strokeWidth="2" />
          </g>
        );
      })}
      <rect x="146" y="16" width="50" height="46" rx="6" fill="var(--surface)" stroke="var(--line-2)" />
      <circle cx="146" cy="39" r="5" fill="var(--surface)" stroke="var(--ink)" strokeWidth="2" />
      <circle cx="146" cy="39" r="1.7" fill="var(--ink)" />
      {BARS.map((height, place) => (
        <rect key={place} x={157 + place * 2.6} y={35 - 9 * height} width="1.6" height={8 + 18 * height} rx=".8" fill="var(--accent)" />
      ))}
    </svg>
  );
}
