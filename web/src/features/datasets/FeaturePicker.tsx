/** Ticks for any number of features: search, pattern, select all, and a range with Shift. */
import { Checkbox, TextInput } from "@mantine/core";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { number } from "@/ui/measures";

import type { Feature } from "./columns";
import { namesFound, withToggled } from "./featurePick";
import { VirtualList } from "./VirtualList";

const LINE_PX = 30;
const LINES_IN_SIGHT = 10;

type Props = { features: readonly Feature[]; chosen: ReadonlySet<string>; onChange: (chosen: ReadonlySet<string>) => void };

export function FeaturePicker({ features, chosen, onChange }: Props) {
  const { t } = useTranslation("datasets");
  const { t: words } = useTranslation("table");
  const [search, setSearch] = useState("");
  const [asExpression, setAsExpression] = useState(false);
  const last = useRef<string | null>(null);
  const byName = useMemo(() => new Map(features.map((each) => [each.name, each])), [features]);
  const found = useMemo(() => namesFound([...byName.keys()], search, asExpression), [byName, search, asExpression]);
  const shown = found.names;
  const count = useMemo(() => shown.reduce((sum, name) => sum + (chosen.has(name) ? 1 : 0), 0), [shown, chosen]);
  const all = shown.length > 0 && count === shown.length;
  const toggleAll = () => {
    const names = new Set(shown);
    onChange(all ? new Set([...chosen].filter((each) => !names.has(each))) : new Set([...chosen, ...shown]));
  };
  const toggle = (name: string, ranged: boolean) => {
    onChange(withToggled(chosen, shown, name, ranged ? last.current : null));
    last.current = name;
  };
  return (
    <div className="dt-picker">
      <TextInput type="search" aria-label={t("findFeature")} placeholder={t("findFeature")} description={words("patternHint")} error={found.broken ? words("patternBroken") : null} value={search} inputWrapperOrder={["input", "description", "error"]} onChange={(event) => setSearch(event.currentTarget.value)} data-autofocus />
      <div className="row ds-all">
        <Checkbox label={t("selectAll")} checked={all} indeterminate={!all && count > 0} onChange={toggleAll} />
        <Checkbox label={words("expression")} checked={asExpression} onChange={(event) => setAsExpression(event.currentTarget.checked)} />
        <span className="sp" />
        <span className="t12 dim num" role="status">{t("chosenOf", { chosen: number(chosen.size), total: number(features.length) })}</span>
      </div>
      {shown.length ? (
        <VirtualList label={t("features")} count={shown.length} linePx={LINE_PX} heightPx={Math.min(LINES_IN_SIGHT, Math.max(3, shown.length)) * LINE_PX}>
          {(place) => {
            const name = shown[place] ?? "";
            return (
              <div className="row">
                <Checkbox label={name} checked={chosen.has(name)} onClick={(event) => toggle(name, event.shiftKey)} onChange={() => undefined} />
                <span className="sp" />
                <span className="t11 dim">{words(`type.${byName.get(name)?.type ?? "text"}`)}</span>
              </div>
            );
          }}
        </VirtualList>
      ) : found.broken ? null : <p className="mut">{t("nothingFound", { search })}</p>}
    </div>
  );
}
