/** A new subset or another rule for one that is there, and which others give its rows up. */
import { MultiSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ButtonWithReason } from "@/ui/ButtonWithReason";
import { Icon } from "@/ui/Icon";
import { ErrorNote } from "@/ui/ProblemNote";

import { freeName, type Subset, type Version } from "./columns";
import { freeShare, isApart, type Rule } from "./newShare";
import { givingUp, ofFolds } from "./overlaps";
import { lacks, RuleFields } from "./RuleFields";
import { ruleWords } from "./ruleWords";
import type { SubsetEdits } from "./subsetEdits";

type Props = { version: Version; subset: Subset | null; edits: SubsetEdits; onClose: () => void };

/** Stands for the new subset until the server has given it an id. */
const NEW_ID = "new";

export function SubsetForm({ version, subset, edits, onClose }: Props) {
  const { t } = useTranslation("datasets");
  const { t: panels } = useTranslation("panels");
  const [name, setName] = useState(subset?.name ?? freeName(t("test"), version.subsets.map((each) => each.name)));
  const [rule, setRule] = useState<Rule>(subset?.rule ?? freeShare(version.subsets));
  const [chosen, setChosen] = useState<string[] | null>(null);
  const others = version.subsets.filter((each) => each.id !== subset?.id);
  const givers = subset || !GIVEN_UP.includes(rule.kind) ? [] : others;
  const outOf = chosen ?? usualGivers(version, rule);
  const lacking = lacks(rule);
  const why = !name.trim() ? t("needs.name") : lacking ? panels(`needs.${lacking}`) : null;
  const save = () => {
    const body = { name: name.trim(), rule };
    if (subset) edits.put(subset, body, onClose);
    else edits.add({ ...body, out_of: givers.length ? outOf : [] }, onClose);
  };
  return (
    <form className="ds-dialog" onSubmit={(event) => { event.preventDefault(); save(); }}>
      <TextInput label={t("name")} value={name} maxLength={120} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
      <RuleFields version={version} others={others} rule={rule} isNew={!subset} onChange={setRule} />
      {givers.length ? <GiverField givers={givers} outOf={outOf} onChange={setChosen} /> : null}
      <div className="note ds-sentence">
        <Icon name="info" />
        <div className="sp">
          <p>{ruleWords(rule, version.subsets)}</p>
          {givers.filter((each) => outOf.includes(each.id)).map((each) => <p key={each.id} className="mut"><GiverWords giver={each} version={version} name={name.trim()} /></p>)}
        </div>
      </div>
      <ErrorNote error={edits.error} />
      <div className="ds-dialog-foot">
        <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
        <ButtonWithReason type="submit" className="btn primary lg" why={why} busy={edits.isPending}>{subset ? t("save") : t("create")}</ButtonWithReason>
      </div>
    </form>
  );
}

const GIVEN_UP: readonly Rule["kind"][] = ["random", "condition", "fold"];

/** What is the rest of others, and random shares unless the new one goes on where they end; rows chosen by hand stay chosen. */
function usualGivers(version: Version, rule: Rule): string[] {
  const folds = ofFolds(version);
  const gives = (each: Rule) => each.kind === "rest" || (each.kind === "random" && !isApart(each, rule));
  return version.subsets.filter((each) => !folds.has(each.id) && gives(each.rule)).map((each) => each.id);
}

function GiverField({ givers, outOf, onChange }: { givers: readonly Subset[]; outOf: string[]; onChange: (ids: string[]) => void }) {
  const { t } = useTranslation("panels");
  return <MultiSelect label={t("takenOutOf")} description={t("takenOutOfHint")} placeholder={outOf.length ? "" : t("nothingChosen")} data={givers.map((each) => ({ value: each.id, label: each.name }))} value={outOf} onChange={onChange} />;
}

/** What a subset becomes when it gives the rows of the new one up. */
function GiverWords({ giver, version, name }: { giver: Subset; version: Version; name: string }) {
  const { t } = useTranslation("panels");
  const known = [...version.subsets, { ...giver, id: NEW_ID, name }];
  return t("becomes", { name: giver.name, words: ruleWords(givingUp(giver.rule, NEW_ID), known) });
}
