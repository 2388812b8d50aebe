/** The menus of a column's head: encoding, normalisation, and what happens to rows without a value. */
import { Menu } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";

import { usualSeconds } from "./audioMeasures";
import { type Encoding, type Feature } from "./columns";
import { startEncoding } from "./encodingStarts";
import { missingKinds, useEdits } from "./featureEdits";
import { encodingKinds, encodingWords, normalizationHint, normalizationWords } from "./featureWords";
import { isSameChoice, normalizationChoices, normalizationIn, withNormalization } from "./normalization";

function HeadMenu({ label, name, words, wide, warn = false, children }: { label: string; name: string; words: string; wide: boolean; warn?: boolean | undefined; children: ReactNode }) {
  const { editable } = useEdits();
  const title = `${label}: ${words}`;
  const inside = <>{wide ? <span>{label}</span> : null}<b className="ell">{words}</b></>;
  if (!editable) return <span className={`ds-enc${warn ? " warn" : ""}`} title={title}>{inside}</span>;
  return (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target><button type="button" className={`ds-enc${warn ? " warn" : ""}`} title={title} aria-label={name}>{inside}<Icon name="down" size={12} /></button></Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}

const tick = (chosen: boolean) => (chosen ? <Icon name="check" size={12} /> : null);

export function EncodingMenu({ feature, wide, onMore }: { feature: Feature; wide: boolean; onMore: () => void }) {
  const { t } = useTranslation("table");
  const edits = useEdits();
  const { encoding } = feature;
  if (["numeric", "binary"].includes(encoding.kind)) return wide || encoding.kind === "binary" ? <span className="t11 dim ell">{t(`type.${feature.type}`)}</span> : null;
  const put = (next: Encoding) => edits.change([feature.name], { encoding: next }, t("encodingChanged", { name: feature.name }));
  const kinds = encodingKinds(feature.type);
  return (
    <HeadMenu label={t("encoding")} name={t("encodingOf", { name: feature.name })} words={encodingWords(feature, t)} wide={wide}>
      {encoding.kind === "categorical" ? (["one_hot", "index"] as const).map((form) => (
        <Menu.Item key={form} rightSection={tick(encoding.form === form)} onClick={() => put({ ...encoding, form })}>{t(`form.${form}`)} <span className="dim t12">{t(`formWords.${form}`)}</span></Menu.Item>
      )) : kinds.length > 1 ? kinds.map((kind) => (
        <Menu.Item key={kind} rightSection={tick(encoding.kind === kind)} onClick={() => encoding.kind !== kind && put(startEncoding(kind, usualSeconds(feature)))}>{t(`kind.${kind}`)} <span className="dim t12">{t(`kindWords.${kind}`)}</span></Menu.Item>
      )) : null}
      <Menu.Item leftSection={<Icon name="edit" />} onClick={onMore}>{t("allSettings")}</Menu.Item>
    </HeadMenu>
  );
}

export function NormalizationMenu({ feature, wide }: { feature: Feature; wide: boolean }) {
  const { t } = useTranslation("datasets");
  const { t: words } = useTranslation("table");
  const edits = useEdits();
  const choices = normalizationChoices(feature.encoding);
  if (!choices.length) return null;
  const chosen = normalizationIn(feature.encoding);
  return (
    <HeadMenu label={t("normalization")} name={t("normalizationOf", { name: feature.name })} words={normalizationWords(chosen, t)} wide={wide && chosen.over === "dataset"}>
      {choices.map((each) => (
        <Menu.Item key={`${each.over} ${each.kind}`} rightSection={tick(isSameChoice(each, chosen))} onClick={() => edits.change([feature.name], { encoding: withNormalization(feature.encoding, each) }, words("normalizationChanged", { name: feature.name }))}>
          {normalizationWords(each, t)} <span className="dim t12">{normalizationHint(each, t)}</span>
        </Menu.Item>
      ))}
    </HeadMenu>
  );
}

/** Rows without a value: amber until the person has said what happens to them. */
export function MissingMenu({ feature, onMore }: { feature: Feature; onMore: () => void }) {
  const { t } = useTranslation("table");
  const { t: old } = useTranslation("datasets");
  const edits = useEdits();
  if (!feature.missing_rows) return null;
  const count = old("missing", { count: feature.missing_rows, rows: number(feature.missing_rows) });
  const chosen = feature.missing?.kind ?? null;
  const words = `${count} · ${chosen ? t(`missingKind.${chosen}`) : t("undecided")}`;
  return (
    <HeadMenu label={t("missingValues")} name={t("missingOf", { name: feature.name, words })} words={words} wide={false} warn={!chosen}>
      {missingKinds(feature.type).map((kind) => (
        <Menu.Item key={kind} rightSection={tick(kind === chosen)} onClick={() => (kind === "constant" ? onMore() : edits.change([feature.name], { missing: { kind } }, t("missingChanged", { name: feature.name })))}>
          {t(`missingKind.${kind}`)}{kind === "constant" ? " …" : ""} <span className="dim t12">{t(`missingWords.${kind}`)}</span>
        </Menu.Item>
      ))}
      {chosen ? <><Menu.Divider /><Menu.Item onClick={() => edits.change([feature.name], { missing_undecided: true }, t("missingChanged", { name: feature.name }))}>{t("leaveUndecided")}</Menu.Item></> : null}
    </HeadMenu>
  );
}
