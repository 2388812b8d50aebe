/** The drawer of one column: everything that can be said and changed about a feature or a feature set. */
import { Drawer } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";

import type { Trial } from "./AudioSettings";
import { Distribution, ShapeText } from "./ColumnHeader";
import { type Column, countsOfClasses, type Encoding, type Feature, type Version } from "./columns";
import { EditError } from "./EditError";
import { EncodingFields } from "./EncodingFields";
import { startEncoding } from "./encodingStarts";
import { useEdits } from "./featureEdits";
import { encodingKinds, iconOf } from "./featureWords";
import { ChoiceField, Part } from "./Fields";
import { MeasuredPart } from "./MeasuredPart";
import { MissingPart } from "./MissingPart";
import { SetInspector } from "./SetInspector";
import { TypePart } from "./TypePart";

const AudioSettings = lazy(async () => ({ default: (await import("./AudioSettings")).AudioSettings }));

type Props = { version: Version; column: { kind: Column["kind"]; id: string }; onTrial: Trial; onClose: () => void };

export function Inspector({ version, column, onTrial, onClose }: Props) {
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
      <FeatureInspector key={feature.column} version={version} feature={feature} onTrial={onTrial} />
    </SideDrawer>
  );
}

/** A drawer at the right; what it stands beside stays in sight and at hand. */
export function SideDrawer({ title, icon, wide = false, onClose, children }: { title: string; icon: ReactNode; wide?: boolean; onClose: () => void; children: ReactNode }) {
  const { t } = useTranslation("datasets");
  return (
    <Drawer
      opened onClose={onClose} position="right" size={wide ? "min(clamp(400px, 38vw, 560px), 100vw)" : "min(400px, 100vw)"} title={<span className="dt-drawer-title">{icon}<span className="ell">{title}</span></span>}
      zIndex={100} withOverlay={false} lockScroll={false} trapFocus={false} closeOnClickOutside={false} shadow="lg" classNames={{ body: "dt-drawer", header: "dt-drawer-head", content: "dt-drawer-box", inner: "dt-drawer-inner" }}
      closeButtonProps={{ "aria-label": t("close") }} transitionProps={{ duration: 160 }}
    >
      {children}
    </Drawer>
  );
}

function FeatureInspector({ version, feature, onTrial }: { version: Version; feature: Feature; onTrial: Trial }) {
  const { t } = useTranslation("table");
  const edits = useEdits();
  const set = version.feature_sets.find((each) => each.features.includes(feature.name));
  const put = (encoding: Encoding) => edits.change([feature.name], { encoding }, t("encodingChanged", { name: feature.name }));
  const kinds = encodingKinds(feature.type);
  const encoding = (
    <Part title={t("encoding")}>
      {kinds.length > 1 && feature.type !== "audio" ? (
        <ChoiceField label={t("becomes")} hint={t(`kindWords.${feature.encoding.kind}`)} value={feature.encoding.kind} disabled={!edits.editable} choices={kinds.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))} onChange={(kind) => put(startEncoding(kind))} />
      ) : null}
      {feature.type === "audio"
        ? <Suspense fallback={null}><AudioSettings version={version} feature={feature} onApply={put} onTrial={onTrial} /></Suspense>
        : <EncodingFields version={version} feature={feature} onChange={put} />}
      <EditError feature={feature} of="encoding" />
    </Part>
  );
  return (
    <>
      {feature.type === "audio" ? encoding : null}
      <TypePart feature={feature} />
      <Part title={t("values")}>
        {feature.histogram.counts.length ? <Distribution feature={feature} /> : <p className="t12 mut">{t(feature.type === "text" ? "textNotCounted" : "noValues")}</p>}
        <dl className="kv">
          {feature.shape.length ? <><dt>{t("shapeEncoded")}</dt><dd><ShapeText shape={feature.shape} /></dd></> : null}
          {feature.column !== feature.name ? <><dt>{t("columnInFiles")}</dt><dd className="ell">{feature.column}</dd></> : null}
          {set ? <><dt>{t("inSet")}</dt><dd className="ell">{set.name}</dd></> : null}
        </dl>
        <ClassList feature={feature} />
      </Part>
      {feature.type === "audio" ? null : encoding}
      <MissingPart feature={feature} />
      <MeasuredPart version={version} feature={feature} />
    </>
  );
}

const MOST_CLASSES = 200;

function ClassList({ feature }: { feature: Feature }) {
  const { t } = useTranslation("datasets");
  const classes = feature.classes ?? [];
  if (!classes.length) return null;
  const rowsOf = countsOfClasses(feature);
  return (
    <details className="dt-class-list">
      <summary>{t("classes", { count: classes.length })}</summary>
      <div className="chips">
        {classes.slice(0, MOST_CLASSES).map((name) => <ClassTag key={name} name={name} rows={rowsOf(name)} />)}
        {classes.length > MOST_CLASSES ? <span className="t11 dim">{t("andMore", { count: number(classes.length - MOST_CLASSES) })}</span> : null}
      </div>
    </details>
  );
}

function ClassTag({ name, rows }: { name: string; rows: number | null }) {
  const { t } = useTranslation("datasets");
  if (rows === null) return <span className="tag" title={name}><span className="ell">{name}</span></span>;
  return <span className="tag" title={`${name}: ${t("rows", { count: rows, rows: number(rows) })}`}><span className="ell">{name}</span> <b className="num">{number(rows)}</b></span>;
}
