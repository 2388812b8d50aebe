/** In which order classes are counted: sorted, by frequency, or as in a file such as sample_submission.csv. */
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, type Schemas, unwrap } from "@/api/client";
import { Icon } from "@/ui/Icon";
import { ErrorNote } from "@/ui/ProblemNote";
import { useStanding } from "@/ui/standing";

import type { Feature, Version } from "./columns";
import { useEdits } from "./featureEdits";
import { ChoiceField } from "./Fields";
import { uploadWhole } from "./uploadWhole";

type Order = Schemas["ClassOrder"];
const ORDERS = ["sorted", "frequency"] as const;
const FIRST_CLASSES = 3;

export function ClassOrderFields({ version, feature, order, onChange }: { version: Version; feature: Feature; order: Order; onChange: (order: Order) => void }) {
  const { t } = useTranslation("table");
  const edits = useEdits();
  const take = useMutation({
    mutationFn: async (file: File) => unwrap(api.POST("/api/v1/versions/{version_id}/class-order", { params: { path: { version_id: version.id } }, body: { feature: feature.name, upload_id: await uploadWhole(file) } })),
    onSuccess: (next, file) => {
      edits.take(next);
      edits.tell(t("orderTaken", { name: feature.name, file: file.name }));
    },
  });
  const error = useStanding(take.error, version);
  const choices = order.by === "template" ? ([...ORDERS, "template"] as const) : ORDERS;
  const put = (by: Order["by"]) => {
    take.reset();
    onChange(by === "template" ? order : { by });
  };
  return (
    <>
      <ChoiceField label={t("classOrder")} hint={t(`orderWords.${order.by}`)} value={order.by} disabled={!edits.editable} choices={choices.map((each) => ({ value: each, label: t(`order.${each}`) }))} onChange={put} />
      <FirstClasses classes={feature.classes ?? []} />
      {edits.editable ? (
        <>
          <label className="btn dt-file"><Icon name="upload" />{take.isPending ? t("reading") : t("orderFromFile")}
            <input type="file" className="sr" accept=".csv,.txt,text/csv" disabled={take.isPending} onChange={(event) => { const file = event.currentTarget.files?.[0]; event.currentTarget.value = ""; if (file) take.mutate(file); }} />
          </label>
          <p className="hint">{t("orderFromFileHint")}</p>
        </>
      ) : null}
      <ErrorNote error={error} />
    </>
  );
}

/** The numbers that the outputs of a model will have: the first classes, and the last. */
function FirstClasses({ classes }: { classes: readonly string[] }) {
  const last = classes.length - 1;
  const shown = classes.map((name, place) => ({ name, place })).filter(({ place }) => place < FIRST_CLASSES || place === last);
  if (!shown.length) return null;
  return (
    <ol className="dt-order">
      {shown.map(({ name, place }) => <li key={place} className={place > FIRST_CLASSES ? "far" : undefined}><span className="num dim">{place}</span><span className="ell" title={name}>{name}</span></li>)}
    </ol>
  );
}
