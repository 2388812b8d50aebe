/** A feature set: its name, what it bundles, and the way back to single features. */
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, unwrap } from "@/api/client";
import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";
import { useStanding } from "@/ui/standing";

import { ShapeText } from "./ColumnHeader";
import type { FeatureSet, Version } from "./columns";
import { useEdits } from "./featureEdits";
import { Part, TextField } from "./Fields";
import { VirtualList } from "./VirtualList";

const NAME_LENGTH = 120;
const LINE_PX = 28;

export function SetInspector({ version, set }: { version: Version; set: FeatureSet }) {
  const { t } = useTranslation("table");
  const { t: old } = useTranslation("datasets");
  const edits = useEdits();
  const path = { params: { path: { version_id: version.id, feature_set_id: set.id } } };
  const rename = useMutation({ mutationFn: (name: string) => unwrap(api.PATCH("/api/v1/versions/{version_id}/feature-sets/{feature_set_id}", { ...path, body: { name } })), onSuccess: (next) => edits.take(next) });
  const remove = useMutation({ mutationFn: () => unwrap(api.DELETE("/api/v1/versions/{version_id}/feature-sets/{feature_set_id}", path)), onSuccess: (next) => edits.take(next) });
  const [notRenamed, notRemoved] = [useStanding(rename.error, version), useStanding(remove.error, version)];
  const kind = set.kind === "numeric" ? old("setNumeric") : set.several_true_rows ? old("setSeveral") : old("setBinary");
  return (
    <>
      <Part title={t("featureSet")}>
        <TextField label={old("featureSetName")} value={set.name} maxLength={NAME_LENGTH} disabled={!edits.editable} onChange={(name) => rename.mutate(name.trim())} />
        <ErrorNote error={notRenamed} />
        <dl className="kv">
          <dt>{t("encoding")}</dt><dd>{kind}</dd>
          <dt>{t("shapeEncoded")}</dt><dd><ShapeText shape={set.shape} /></dd>
          {set.several_true_rows ? <><dt>{t("severalTrue")}</dt><dd className="num">{old("rows", { count: set.several_true_rows, rows: number(set.several_true_rows) })}</dd></> : null}
        </dl>
      </Part>
      <Part title={old("features")}>
        <VirtualList label={old("features")} count={set.features.length} linePx={LINE_PX} heightPx={Math.min(420, set.features.length * LINE_PX)}>
          {(place) => <div className="row t12 dt-member"><span className="num dim">{number(place + 1)}</span><span className="ell" title={set.features[place]}>{set.features[place]}</span><span className="sp" />{set.counts.length ? <span className="num dim">{number(set.counts[place] ?? 0)}</span> : null}</div>}
        </VirtualList>
      </Part>
      {edits.editable ? (
        <Part title={t("singleAgain")}>
          <p className="t12 mut">{t("singleAgainWords")}</p>
          <button type="button" className="btn" aria-label={old("removeFeatureSet", { name: set.name })} disabled={remove.isPending} onClick={() => remove.mutate()}><Icon name="x" size={12} />{old("removeFeatureSet", { name: set.name })}</button>
          <ErrorNote error={notRemoved} />
        </Part>
      ) : null}
    </>
  );
}
