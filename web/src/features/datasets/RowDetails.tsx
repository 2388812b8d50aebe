/** One row: its files large, every value, where it came from; in a draft a value can be corrected. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { API_PREFIX } from "@/api/client";
import { Icon } from "@/ui/Icon";
import { bytes, number } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import { AudioCell } from "./AudioCell";
import { type Feature, pictureAddress, spectrogramOf, type Version } from "./columns";
import { CorrectionField, useCorrection } from "./CorrectionField";
import { useEdits } from "./featureEdits";
import { Part } from "./Fields";
import { SideDrawer } from "./Inspector";
import { exactNumber } from "./cellNumbers";
import { useLeftOut } from "./leftOut";
import { type Choice, EVERY_ROW, pageRows, type Row, rowPageQuery, rowQuery } from "./rowPages";
import { Spectrogram } from "./Spectrogram";
import { VirtualList } from "./VirtualList";

const LARGE_PIXELS = 960;
const LARGE_PX = 160;
const LINE_PX = 36;
const MOST_LINES = 14;
const MANY_FEATURES = 12;

type Props = { version: Version; choice: Choice; place: number; total: number; onMove: (place: number) => void; onShown: (index: number | null) => void; onClose: () => void };

export function RowDetails({ version, choice, place, total, onMove, onShown, onClose }: Props) {
  const { t } = useTranslation("table");
  const size = pageRows(0);
  const page = useQuery(rowPageQuery(version.id, rowQuery(choice, Math.floor(place / size) * size, size, [])));
  // A corrected row may leave the rows that were chosen; what is open stays open.
  const [held, setHeld] = useState<{ place: number; index: number } | null>(null);
  const found = page.data?.rows[place % size]?.index;
  if (found !== undefined && held?.place !== place) setHeld({ place, index: found });
  const index = held?.place === place ? held.index : null;
  useEffect(() => {
    onShown(index);
    return () => onShown(null);
  }, [onShown, index]);
  const asked = useQuery({ ...rowPageQuery(version.id, rowQuery(EVERY_ROW, index ?? 0, 1)), enabled: index !== null, placeholderData: (old) => old });
  const row = asked.data?.rows[0]?.index === index ? asked.data?.rows[0] : undefined;
  return (
    <SideDrawer title={t("rowNumber", { row: number((row?.index ?? place) + 1) })} icon={<Icon name="list" />} onClose={onClose}>
      <div className="row dt-row-tools">
        <button type="button" className="btn sm" disabled={place === 0} onClick={() => onMove(place - 1)}>{t("earlierRow")}</button>
        <button type="button" className="btn sm" disabled={place + 1 >= total} onClick={() => onMove(place + 1)}>{t("laterRow")}</button>
        <span className="sp" />
        <span className="t12 dim num">{t("placeOf", { place: number(place + 1), total: number(total) })}</span>
      </div>
      <ErrorNote error={page.error ?? asked.error} />
      {row ? <OneRow key={row.index} version={version} row={row} /> : <div className="dt-blank" aria-busy="true" />}
    </SideDrawer>
  );
}

function OneRow({ version, row }: { version: Version; row: Row }) {
  const { t } = useTranslation("table");
  const subsets = version.subsets.filter((each) => row.subset_ids.includes(each.id));
  const pictured = version.features.filter((each) => ["audio", "image", "tensor"].includes(each.type) && row.values[each.name] !== null);
  return (
    <>
      {pictured.map((feature) => <Part key={feature.name} title={feature.name}><Media version={version} feature={feature} row={row} /></Part>)}
      <LeftOutPart version={version} row={row} />
      <Part title={t("origin")}>
        <dl className="kv">
          <dt>{t("source")}</dt><dd className="dt-break">{row.source ? (row.source_line ? t("lineOf", { file: row.source, line: row.source_line }) : row.source) : "–"}</dd>
          <dt>{t("inSubsets")}</dt><dd>{subsets.length ? subsets.map((each) => each.name).join(", ") : t("inNoSubset")}</dd>
        </dl>
      </Part>
      <Values version={version} row={row} />
    </>
  );
}

/** Whether the row is in use; a draft leaves it out and takes it back with one press. */
function LeftOutPart({ version, row }: { version: Version; row: Row }) {
  const { t } = useTranslation("table");
  const { editable } = useEdits();
  const leftOut = useLeftOut(version);
  if (!editable && !row.left_out) return null;
  return (
    <div className="dt-part">
      {row.left_out ? <p className="row t12"><span className="tag">{t("leftOutTag")}</span><span className="mut">{t(row.left_out === "by_hand" ? "rowIsLeftOut" : "rowLacksValue")}</span></p> : null}
      {editable && row.left_out !== "missing_value" ? <button type="button" className="btn sm" disabled={leftOut.isPending} onClick={() => leftOut.one(row, row.left_out === "by_hand")}>{t(row.left_out === "by_hand" ? "takeRowBack" : "leaveOutRow")}</button> : null}
      <ErrorNote error={leftOut.error} />
    </div>
  );
}

function Media({ version, feature, row }: { version: Version; feature: Feature; row: Row }) {
  const { t } = useTranslation("table");
  const name = String(row.values[feature.name] ?? "");
  const address = pictureAddress(API_PREFIX, version, row.index, feature, LARGE_PIXELS);
  const spectrogram = spectrogramOf(feature);
  return (
    <>
      {feature.type === "audio" ? <AudioCell version={version} feature={feature} row={row} large />
        : spectrogram ? <Spectrogram address={address} alt={t("imageOf", { name })} band={spectrogram} marks={[]} heightPx={LARGE_PX} />
          : <img className="dt-large" src={address} alt={t("imageOf", { name })} />}
      <Facts row={row} feature={feature} name={name} />
    </>
  );
}

function Facts({ row, feature, name }: { row: Row; feature: Feature; name: string }) {
  const { t } = useTranslation("table");
  const facts = row.media?.[feature.name];
  return (
    <dl className="kv">
      <dt>{t("file")}</dt><dd className="dt-break">{name}</dd>
      {facts ? <><dt>{t("fileSize")}</dt><dd className="num">{bytes(facts.bytes)}</dd></> : null}
      {typeof facts?.seconds === "number" ? <><dt>{t("lengthOfClip")}</dt><dd className="num">{t("secondsLong", { seconds: number(facts.seconds, 2) })}</dd></> : null}
      {facts?.sample_rate_hz ? <><dt>{t("sampleRate")}</dt><dd className="num">{t("rateAndChannels", { rate: number(facts.sample_rate_hz), count: facts.channels ?? 1 })}</dd></> : null}
      {typeof facts?.peak === "number" ? <><dt>{t("peak")}</dt><dd className="num">{number(facts.peak, 3)}</dd></> : null}
      {typeof facts?.rms_db === "number" ? <><dt>{t("loudness")}</dt><dd className="num">{`${number(facts.rms_db, 1)} dB`}</dd></> : null}
      {facts?.width ? <><dt>{t("pixels")}</dt><dd><span><span className="shape">{facts.width}<i>×</i>{facts.height}</span>{facts.mode ? ` · ${facts.mode}` : ""}</span></dd></> : null}
    </dl>
  );
}

function Values({ version, row }: { version: Version; row: Row }) {
  const { t } = useTranslation("table");
  const { t: old } = useTranslation("datasets");
  const [search, setSearch] = useState("");
  const [edited, setEdited] = useState<string | null>(null);
  const correction = useCorrection(version, row);
  const words = search.trim().toLowerCase();
  const written = useMemo(() => version.features.filter((each) => !["audio", "image", "tensor"].includes(each.type)), [version.features]);
  const features = useMemo(() => written.filter((each) => each.name.toLowerCase().includes(words)), [written, words]);
  if (!written.length) return null;
  return (
    <Part title={t("values")}>
      {version.features.length > MANY_FEATURES ? <label className="input"><Icon name="search" /><input type="search" aria-label={t("findValue")} placeholder={t("findValue")} value={search} onChange={(event) => setSearch(event.currentTarget.value)} /></label> : null}
      <ErrorNote error={correction.error} />
      {features.length ? (
        <VirtualList label={t("values")} count={features.length} linePx={LINE_PX} heightPx={Math.min(MOST_LINES, features.length) * LINE_PX}>
          {(place) => {
            const feature = features[place];
            if (!feature) return null;
            return edited === feature.name
              ? <CorrectionField feature={feature} value={row.values[feature.name] ?? null} onCancel={() => setEdited(null)} onSave={(value) => { correction.correct(feature, value); setEdited(null); }} />
              : <ValueLine feature={feature} row={row} onEdit={() => setEdited(feature.name)} onRestore={() => correction.restore(feature)} />;
          }}
        </VirtualList>
      ) : <p className="t12 mut">{old("nothingFound", { search })}</p>}
    </Part>
  );
}

function ValueLine({ feature, row, onEdit, onRestore }: { feature: Feature; row: Row; onEdit: () => void; onRestore: () => void }) {
  const { t } = useTranslation("table");
  const { t: old } = useTranslation("datasets");
  const { editable } = useEdits();
  const value = row.values[feature.name];
  const isCorrected = row.corrected?.includes(feature.name) ?? false;
  const words = value === null || value === undefined ? old("noValue") : typeof value === "number" ? exactNumber(value) : value;
  return (
    <div className="dt-value-line">
      <span className="dim ell" title={feature.name}>{feature.name}</span>
      <span className={`ell b5${typeof value === "number" ? " num" : ""}`} title={words}>{words}</span>
      {row.filled?.includes(feature.name) ? <span className="tag" title={t("filledWords")}>{t("filledTag")}</span> : null}
      {isCorrected ? <span className="tag live" title={t("corrected")}>{t("correctedTag")}</span> : null}
      {isCorrected && editable ? <button type="button" className="btn quiet icon sm" aria-label={t("restoreOf", { name: feature.name })} title={t("restore")} onClick={onRestore}><Icon name="undo" size={12} /></button> : null}
      {editable ? <button type="button" className="btn quiet icon sm" aria-label={t("correctOf", { name: feature.name })} title={t("correct")} onClick={onEdit}><Icon name="edit" size={12} /></button> : null}
    </div>
  );
}
