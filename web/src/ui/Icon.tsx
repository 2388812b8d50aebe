/** The icon set: 16 px drawings with a 1.5 px round stroke, and 12 px status marks. */
import type { ReactNode } from "react";

const DRAWINGS = {
  search: <><circle cx="7" cy="7" r="4.25"/><path d="m10.25 10.25 3 3"/></>,
  plus: <><path d="M8 3.5v9M3.5 8h9"/></>,
  minus: <><path d="M3.5 8h9"/></>,
  more: <><g fill="currentColor" stroke="none"><circle cx="3.5" cy="8" r="1.25"/><circle cx="8" cy="8" r="1.25"/><circle cx="12.5" cy="8" r="1.25"/></g></>,
  play: <><path d="M5 3.4v9.2l7.4-4.6z" fill="currentColor"/></>,
  pause: <><path d="M5.5 3.75v8.5M10.5 3.75v8.5" strokeWidth="2"/></>,
  stop: <><rect x="4" y="4" width="8" height="8" rx="1.5"/></>,
  sort: <><path d="M5 3v10M5 13l-2.250-2.500M5 13l2.250-2.500M11 13V3M11 3 8.750 5.500M11 3l2.250 2.500"/></>,
  filter: <><path d="M2.500 3.500h11L9.500 8.500v4.250l-3-1.500V8.500z"/></>,
  number: <><path d="M6.250 2.750 5 13.250M11 2.750 9.750 13.250M3 6h10.500M2.500 10H13"/></>,
  text: <><path d="M3 4.500V3.250h10V4.500M8 3.250v9.500M6.250 12.750h3.500"/></>,
  picture: <><rect x="2.500" y="3" width="11" height="10" rx="1.500"/><circle cx="5.750" cy="6.250" r="1"/><path d="m3 12 3.500-3.500 2 2 2-2L13.250 11.250"/></>,
  tags: <><path d="M2.750 3.250h4.500l6 6-4.500 4.500-6-6z"/><circle cx="5.250" cy="5.750" r=".9"/></>,
  category: <><circle cx="4.250" cy="4.250" r="1.750"/><rect x="9.750" y="2.500" width="3.500" height="3.500" rx=".5"/><path d="m4.250 9.750 2 3.500h-4zM9.500 11.500h4"/></>,
  binary: <><rect x="2.500" y="4.500" width="11" height="7" rx="3.500"/><circle cx="10" cy="8" r="1.750" fill="currentColor"/></>,
  check: <><path d="m3.5 8.4 3 3 6-6.6"/></>,
  x: <><path d="m4.25 4.25 7.5 7.5M11.75 4.25l-7.5 7.5"/></>,
  warn: <><path d="M8 2.6 14 13H2z"/><path d="M8 6.6v3M8 11.2v.1"/></>,
  alert: <><path d="M5.4 2.25h5.2l3.15 3.15v5.2l-3.15 3.15H5.4L2.25 10.6V5.4z"/><path d="M8 5.2v3.4M8 10.8v.1"/></>,
  info: <><circle cx="8" cy="8" r="5.75"/><path d="M8 7.3v3.4M8 5.2v.1"/></>,
  down: <><path d="m4.5 6.4 3.5 3.4 3.5-3.4"/></>,
  up: <><path d="m4.5 9.600 3.500-3.400 3.500 3.400"/></>,
  right: <><path d="m6.4 4.5 3.4 3.5-3.4 3.5"/></>,
  arrow: <><path d="M3 8h9.5M9 4.5 12.5 8 9 11.5"/></>,
  download: <><path d="M8 2.75v7.5M4.75 7.25 8 10.5l3.25-3.25M3 13.25h10"/></>,
  upload: <><path d="M8 10.5V3M4.75 6 8 2.75 11.25 6M3 13.25h10"/></>,
  lock: <><rect x="3.5" y="7" width="9" height="6.25" rx="1.5"/><path d="M5.5 7V5.2a2.5 2.5 0 0 1 5 0V7"/></>,
  undo: <><path d="M6 3 3 6l3 3"/><path d="M3 6h6.2a3.4 3.4 0 0 1 0 6.8H6.5"/></>,
  redo: <><path d="m10 3 3 3-3 3"/><path d="M13 6H6.800a3.400 3.400 0 0 0 0 6.800h2.700"/></>,
  fit: <><path d="M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3"/></>,
  tidy: <><rect x="5.500" y="2.250" width="5" height="3.250" rx="1"/><rect x="2" y="10.500" width="4.500" height="3.250" rx="1"/><rect x="9.500" y="10.500" width="4.500" height="3.250" rx="1"/><path d="M8 5.500V8M4.250 10.500V8h7.500v2.500"/></>,
  list: <><path d="M6 4h7.500M6 8h7.500M6 12h7.500M2.750 4h.1M2.750 8h.1M2.750 12h.1" /></>,
  code: <><path d="m5.500 4.500-3.500 3.500 3.500 3.500M10.500 4.500 14 8l-3.500 3.500"/></>,
  graph: <><rect x="2.250" y="2.500" width="4.500" height="3.500" rx="1"/><rect x="9.250" y="10" width="4.500" height="3.500" rx="1"/><path d="M4.500 6v3.250c0 1.500 1 2.500 2.500 2.500h2.250"/></>,
  data: <><ellipse cx="8" cy="4" rx="5" ry="1.900"/><path d="M3 4v8c0 1.050 2.240 1.900 5 1.900s5-.85 5-1.900V4M3 8c0 1.050 2.240 1.900 5 1.900S13 9.050 13 8"/></>,
  wave: <><path d="M2.500 7v2M5.250 4.500v7M8 2.500v11M10.750 5.500v5M13.500 7v2"/></>,
  bin: <><path d="M3 4.500h10M6.250 4.250V3h3.500v1.250M4.500 4.500l.6 8.500h5.800l.6-8.500"/></>,
  clock: <><circle cx="8" cy="8" r="5.750"/><path d="M8 4.750V8l2.250 1.500"/></>,
  cpu: <><rect x="4" y="4" width="8" height="8" rx="1.500"/><path d="M6.500 1.750V4M9.500 1.750V4M6.500 12v2.250M9.500 12v2.250M1.750 6.500H4M1.750 9.500H4M12 6.500h2.250M12 9.500h2.250"/></>,
  flag: <><path d="M4 14V2.500h8.250l-2 3 2 3H4"/></>,
  globe: <><circle cx="8" cy="8" r="5.750"/><path d="M2.250 8h11.500M8 2.250c2 1.600 2.900 3.500 2.900 5.750S10 12.150 8 13.750C6 12.150 5.100 10.250 5.100 8S6 3.850 8 2.250z"/></>,
  moon: <><path d="M13 9.500A5.500 5.500 0 1 1 6.500 3a4.500 4.500 0 0 0 6.500 6.500z"/></>,
  sun: <><circle cx="8" cy="8" r="2.75"/><path d="M8 1.750v1.500M8 12.750v1.500M1.750 8h1.500M12.750 8h1.500M3.580 3.580l1.060 1.060M11.360 11.360l1.060 1.060M3.580 12.420l1.060-1.060M11.360 4.640l1.060-1.060"/></>,
  copy: <><rect x="5.500" y="5.500" width="7.750" height="7.750" rx="1.500"/><path d="M3 10.250V4a1.250 1.250 0 0 1 1.250-1.250h6"/></>,
  bundle: <><path d="M8 2 13.500 5v6L8 14 2.500 11V5z"/><path d="M2.750 5 8 8l5.250-3M8 8v5.750"/></>,
  file: <><path d="M4 2.250h5.250L12.500 5.500v8.250H4z"/><path d="M9 2.500v3.250h3.250"/></>,
  folder: <><path d="M2.250 4.250A1 1 0 0 1 3.250 3.250h3l1.500 1.750h5a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-9.500a1 1 0 0 1-1-1z"/></>,
  edit: <><path d="m10.500 3 2.500 2.500L6 12.500l-3.250.75L3.500 10z"/></>,
  star: <><path d="m8 2.400 1.700 3.550 3.900.5-2.850 2.700.7 3.850L8 11.150 4.550 13l.7-3.850L2.400 6.450l3.900-.5z" fill="currentColor"/></>,
  eye: <><path d="M1.750 8S4 3.750 8 3.750 14.250 8 14.250 8 12 12.250 8 12.250 1.750 8 1.750 8z"/><circle cx="8" cy="8" r="1.900"/></>,
  set: <><path d="M5.500 2.750H3.250v10.500H5.500M10.500 2.750h2.250v10.500H10.500M6.250 6h3.500M6.250 8h3.500M6.250 10h3.500"/></>,
  gInput: <><path d="M3 4.500v7M6 8h7.500M10.250 4.750 13.500 8l-3.250 3.250"/></>,
  gBn: <><path d="M1.750 12.250c3.750 0 3.900-8.750 6.250-8.750s2.500 8.750 6.250 8.750"/><path d="M8 3.500v8.750" strokeDasharray="1.500 2"/></>,
  gReshape: <><path d="M2.500 2.500h7v7h-7z"/><path d="M6.500 12v1.500h7v-7H12"/></>,
  gNet: <><rect x="2.500" y="3" width="2" height="10" rx=".75"/><rect x="7" y="4.500" width="2" height="7" rx=".75"/><rect x="11.500" y="6" width="2" height="4" rx=".75"/><path d="M3.500 1.500h9v2.500" strokeWidth="1.100"/></>,
  gDense: <><path d="M3.500 3.500 12.500 5M3.500 3.500l9 7.500M3.500 8l9-3M3.500 8l9 3M3.500 12.500 12.500 5M3.500 12.500 12.500 11" strokeWidth="1"/><g fill="currentColor" stroke="none"><circle cx="3.500" cy="3.500" r="1.600"/><circle cx="3.500" cy="8" r="1.600"/><circle cx="3.500" cy="12.500" r="1.600"/><circle cx="12.500" cy="5" r="1.600"/><circle cx="12.500" cy="11" r="1.600"/></g></>,
  gTarget: <><circle cx="8" cy="8" r="5.250"/><circle cx="8" cy="8" r="1.750" fill="currentColor"/></>,
  gConv: <><rect x="2.500" y="2.500" width="11" height="11" rx="1"/><rect x="2.500" y="2.500" width="5.500" height="5.500" fill="currentColor" fillOpacity=".9" stroke="none"/></>,
  gPool: <><path d="M2.500 2.500h11v11h-11zM2.500 8h11M8 2.500v11" strokeWidth="1.200"/><rect x="8" y="8" width="5.500" height="5.500" fill="currentColor" stroke="none"/></>,
  gDrop: <><circle cx="4" cy="4" r="1.500" fill="currentColor"/><circle cx="12" cy="4" r="1.500"/><circle cx="4" cy="12" r="1.500"/><circle cx="12" cy="12" r="1.500" fill="currentColor"/><circle cx="8" cy="8" r="1.500" fill="currentColor"/></>,
  gFlat: <><path d="M2.500 5.500 6 3h7.500L10 5.500zM2 12.500h12"/></>,
  gCat: <><path d="M3 3.500h3.500c2 0 2 4.500 4 4.500H14M3 12.500h3.500c2 0 2-4.500 4-4.500"/></>,
  gAct: <><path d="M2.250 12h5L13 4"/></>,
  gAdd: <><circle cx="8" cy="8" r="5.250"/><path d="M8 5.500v5M5.500 8h5"/></>,
  gEmb: <><path d="M3 3v10M6.300 3v10M9.600 3v10M13 3v10" strokeWidth="1.200"/><path d="M2 6h12" strokeWidth="2.200"/></>,
  gGap: <><path d="M2.500 2.500h11v11h-11z"/><circle cx="8" cy="8" r="2" fill="currentColor" stroke="none"/></>,
  gMask: <><path d="M2.500 2.500h11v11h-11z"/><path d="M6 2.500v11M9 2.500v11" strokeWidth="2.200"/></>,
} satisfies Record<string, ReactNode>;

const MARKS = {
  live: <><circle cx="6" cy="6" r="4.500" fill="none" stroke="currentColor" strokeOpacity=".3" strokeWidth="2"/><path d="M6 1.500a4.500 4.500 0 0 1 4.500 4.500" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round"/></>,
  done: <><path d="m2 6.400 2.700 2.700L10 3.200" fill="none" stroke="currentColor" strokeWidth="1.750" strokeLinecap="round" strokeLinejoin="round"/></>,
  bad: <><path d="m2.500 2.500 7 7M9.500 2.500l-7 7" stroke="currentColor" strokeWidth="1.750" strokeLinecap="round"/></>,
  wait: <><circle cx="6" cy="6" r="4.250" fill="none" stroke="currentColor" strokeWidth="1.500" strokeDasharray="2 2"/></>,
  stop: <><rect x="2.500" y="2.500" width="7" height="7" rx="1.500" fill="currentColor"/></>,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof DRAWINGS;
export type MarkName = keyof typeof MARKS;

/** A drawing that accompanies words; hidden from screen readers. */
export function Icon({ name, size = 16, className }: { name: IconName; size?: 12 | 16 | 20 | 24; className?: string }) {
  return (
    <svg className={`i${size === 16 ? "" : ` s${size}`}${className ? ` ${className}` : ""}`} viewBox="0 0 16 16" aria-hidden="true">
      {DRAWINGS[name]}
    </svg>
  );
}

/** A 12 px mark of a state; the word beside it says the same. */
export function Mark({ name }: { name: MarkName }) {
  return (
    <svg className={`g mark-${name}`} viewBox="0 0 12 12" aria-hidden="true">
      {MARKS[name]}
    </svg>
  );
}

/** The product's mark. */
export function ProductMark() {
  return (
    <svg className="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4 1.5h16A2.5 2.5 0 0 1 22.5 4v6h-7.100l1.500 5.200H7.100L8.600 10H1.500V4A2.500 2.500 0 0 1 4 1.500z" fill="var(--ink)" />
      <path d="M1.500 11.600h5l-1.500 5.200h14l-1.500-5.200h5V20a2.500 2.500 0 0 1-2.500 2.500H4A2.500 2.500 0 0 1 1.500 20z" fill="var(--accent)" />
    </svg>
  );
}
