/** The drawer of one column: everything that can be said and changed about a feature or a feature set. */
import { Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";

import { datasetsQuery } from "@/api/queries";
import { describeProblem } from "@/i18n";
import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import { Distribution, ShapeText } from "./ColumnHeader";
import type { Column, Encoding, Feature, FeatureType, Version } from "./columns";
import { EncodingFields } from "./EncodingFields";
import { startEncoding } from "./encodingStarts";
import { useEdits } from "./featureEdits";
import { encodingKinds, iconOf, typesFor } from "./featureWords";
import { ChoiceField, Part, TextField } from "./Fields";
import { MissingPart } from "./MissingPart";
import { SetInspector } from "./SetInspector";

const AudioSettings = lazy(async () => ({ default: (await import("./AudioSettings")).AudioSettings }));
const NAME_LENGTH = 120;

type Props = { version: Version; column: { kind: Column["kind"]; id: string }; onClose: () => void };

export function Inspector({ version, column, onClose }: Props) {
  const set = column.kind === "set" ? version.feature_sets.find((each) => each.id === column.id) : undefined;
  const feature = column.kind === "set" ? undefined : version.features.find((each) => each.column === column.id);
  const gone = !set && !feature;
  useEffect(() => {
    if (gone) onClose();
  }, [gone, onClose]);
  if (set) return <SideDrawer title={set.name} icon={<Icon name="set" />} onClose={onClose}><SetInspector key={set.id} version={version} set={set} /></SideDrawer>;
  if (!feature) return null;
  return (
    <SideDrawer title={feature.name} icon={<Icon name={iconOf(feature)} />} wide={feature.type === "audio"} onClose={onClose}>
      <FeatureInspector key={feature.column} version={version} feature={feature} />
    </SideDrawer>
  );
}

/** A drawer at the right; what it stands beside stays in sight and at hand. */
export function SideDrawer({ title, icon, wide = false, onClose, children }: { title: string; icon: ReactNode; wide?: boolean; onClose: () => void; children: ReactNode }) {
  const { t } = useTranslation("datasets");
  return (
    <Drawer
      opened onClose={onClose} position="right" size={wide ? "min(clamp(400px, 38vw, 560px), 100vw)" : "min(400px, 100vw)"} title={<span className="dt-drawer-title">{icon}<span className="ell">{title}</span></span>}
      withOverlay={false} lockScroll={false} trapFocus={false} closeOnClickOutside={false} shadow="lg" classNames={{ body: "dt-drawer", header: "dt-drawer-head", content: "dt-drawer-box" }}
      closeButtonProps={{ "aria-label": t("close") }} transitionProps={{ duration: 160 }}
    >
      {children}
    </Drawer>
  );
}

function FeatureInspector({ version, feature }: { version: Version; feature: Feature }) {
  const { t } = useTranslation("table");
  const edits = useEdits();
  const set = version.feature_sets.find((each) => each.features.includes(feature.name));
  const put = (encoding: Encoding) => edits.change([feature.name], { encoding }, t("encodingChanged", { name: feature.name }));
  const kinds = encodingKinds(feature.type);
  const encoding = (
    <Part title={t("encoding")}>
      {kinds.length > 1 ? (
        <ChoiceField label={t("becomes")} hint={t(`kindWords.${feature.encoding.kind}`)} value={feature.encoding.kind} disabled={!edits.editable} choices={kinds.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))} onChange={(kind) => put(startEncoding(kind))} />
      ) : null}
      {feature.type === "audio"
        ? <Suspense fallback={null}><AudioSettings key={feature.encoding.kind} version={version} feature={feature} onApply={put} /></Suspense>
        : <EncodingFields version={version} feature={feature} onChange={put} />}
      <ErrorNote error={edits.changed.includes(feature.name) ? edits.error : null} />
    </Part>
  );
  return (
    <>
      {feature.type === "audio" ? encoding : null}
      <TypePart version={version} feature={feature} />
      <Part title={t("values")}>
        {feature.histogram.counts.length ? <Distribution feature={feature} /> : <p className="t12 mut">{t("allDifferent")}</p>}
        <dl className="kv">
          {feature.shape.length ? <><dt>{t("shapeEncoded")}</dt><dd><ShapeText shape={feature.shape} /></dd></> : null}
          {feature.column !== feature.name ? <><dt>{t("columnInFiles")}</dt><dd className="ell">{feature.column}</dd></> : null}
          {set ? <><dt>{t("inSet")}</dt><dd className="ell">{set.name}</dd></> : null}
        </dl>
        <ClassList feature={feature} />
      </Part>
      {feature.type === "audio" ? null : encoding}
      <MissingPart feature={feature} />
    </>
  );
}

function TypePart({ version, feature }: { version: Version; feature: Feature }) {
  const { t } = useTranslation("table");
  const edits = useEdits();
  const types = typesFor(feature);
  return (
    <Part title={t("feature")}>
      <TextField label={t("name")} value={feature.name} maxLength={NAME_LENGTH} disabled={!edits.editable} onChange={(name) => edits.change([feature.name], { name: name.trim() }, t("renamed", { from: feature.name, to: name.trim() }))} />
      <ChoiceField<FeatureType>
        label={t("typeOfValues")} hint={t(`typeWords.${feature.type}`)} value={feature.type} disabled={!edits.editable || types.length < 2}
        choices={types.map((each) => ({ value: each, label: t(`type.${each}`) }))} onChange={(type) => edits.change([feature.name], { type }, t("typeChanged", { name: feature.name, type: t(`type.${type}`) }))}
      />
      {feature.evidence ? <Evidence feature={feature} /> : null}
      <DecimalCommaOffer version={version} feature={feature} />
    </Part>
  );
}

/** Why this type is proposed. */
function Evidence({ feature }: { feature: Feature }) {
  if (!feature.evidence) return null;
  const words = describeProblem(feature.evidence);
  return <div className="note"><Icon name="info" /><div className="sp"><p>{words.message}</p><p className="dim">{words.fix}</p></div></div>;
}

const WORDED: readonly FeatureType[] = ["text", "categorical", "multi_label"];

/** The import saw cells such as “1,5” and kept them as words: reading them as numbers is the person's choice. */
function DecimalCommaOffer({ version, feature }: { version: Version; feature: Feature }) {
  const { t } = useTranslation("table");
  const edits = useEdits();
  const datasets = useQuery(datasetsQuery(version.project_id));
  const notes = datasets.data?.find((each) => each.id === version.dataset_id)?.report?.notes ?? [];
  const note = notes.find((each) => each.code === "data.decimal_comma_possible" && each.params?.["column"] === feature.column);
  if (!note || !WORDED.includes(feature.type)) return null;
  const read = () => edits.change([feature.name], { type: "numeric", encoding: { kind: "numeric", normalization: "none", decimal_comma: true } }, t("typeChanged", { name: feature.name, type: t("type.numeric") }));
  return (
    <div className="note warn"><Icon name="warn" /><div className="sp"><p>{describeProblem(note).message}</p>{edits.editable ? <button type="button" className="btn sm hint dt-offer" onClick={read}>{t("readDecimalComma")}</button> : null}</div></div>
  );
}

const MOST_CLASSES = 200;

function ClassList({ feature }: { feature: Feature }) {
  const { t } = useTranslation("datasets");
  const classes = feature.classes ?? [];
  if (!classes.length) return null;
  return (
    <details className="dt-class-list">
      <summary>{t("classes", { count: classes.length })}</summary>
      <div className="chips">
        {classes.slice(0, MOST_CLASSES).map((name) => <span key={name} className="tag ell" title={name}>{name}</span>)}
        {classes.length > MOST_CLASSES ? <span className="t11 dim">{t("andMore", { count: number(classes.length - MOST_CLASSES) })}</span> : null}
      </div>
    </details>
  );
}
