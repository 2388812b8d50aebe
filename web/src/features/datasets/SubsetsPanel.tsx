/** The panel `Subsets`: who learns from which rows, and who is asked about which. */
import { Menu, Modal, NumberInput, Select, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, unwrap } from "@/api/client";
import { keys } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import { freeName, type Subset, type Version } from "./columns";
import { DataUsage } from "./DataUsage";
import { foldColumn, freeShare, isComplete, type Rule, RuleFields, ShareFields } from "./RuleFields";
import { ruleWords } from "./ruleWords";

type Edited = Subset | "new" | "folds";

export function SubsetsPanel({ version }: { version: Version }) {
  const { t } = useTranslation("datasets");
  const panels = useTranslation("panels").t;
  const [edited, setEdited] = useState<Edited | null>(null);
  const isDraft = version.state === "draft";
  const title = edited === "new" ? t("newSubset") : edited === "folds" ? panels("makeFolds") : t("changeSubset");
  return (
    <section className="sec">
      <div className="sec-h">
        <h2>{t("subsets")}</h2>
        {isDraft ? (
          <span className="row">
            <button type="button" className="btn quiet sm" onClick={() => setEdited("folds")}>{panels("folds")}</button>
            <button type="button" className="btn sm" onClick={() => setEdited("new")}><Icon name="plus" size={12} />{t("newSubset")}</button>
          </span>
        ) : null}
      </div>
      <DataUsage version={version} />
      <ul className="ds-subsets">
        {version.subsets.map((subset, place) => (
          <SubsetLine key={subset.id} version={version} subset={subset} filled={place === 0} onEdit={() => setEdited(subset)} />
        ))}
      </ul>
      <Modal opened={edited !== null} onClose={() => setEdited(null)} title={title} size={560} centered closeButtonProps={{ "aria-label": t("close") }}>
        {edited === "folds" ? <FoldsForm version={version} onClose={() => setEdited(null)} /> : null}
        {edited && edited !== "folds" ? <SubsetForm version={version} subset={edited === "new" ? null : edited} onClose={() => setEdited(null)} /> : null}
      </Modal>
    </section>
  );
}

function SubsetLine({ version, subset, filled, onEdit }: { version: Version; subset: Subset; filled: boolean; onEdit: () => void }) {
  const { t } = useTranslation("datasets");
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/versions/{version_id}/subsets/{subset_id}", { params: { path: { version_id: version.id, subset_id: subset.id } } })),
    onSuccess: (next) => client.setQueryData(keys.version(version.id), next),
  });
  return (
    <li className="ds-subset">
      <span className={filled ? "key filled" : "key hatched"} aria-hidden="true" />
      <b className="b6 ell" title={subset.name}>{subset.name}</b>
      <span className="num b5">{t("rows", { count: subset.rows, rows: number(subset.rows) })}</span>
      {version.state === "draft" ? (
        <Menu position="bottom-end" shadow="md" width={160}>
          <Menu.Target><button type="button" className="btn quiet icon sm" aria-label={t("moreOf", { name: subset.name })}><Icon name="more" /></button></Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<Icon name="edit" />} onClick={onEdit}>{t("change")}</Menu.Item>
            <Menu.Item leftSection={<Icon name="bin" />} onClick={() => remove.mutate()}>{t("remove")}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ) : <span />}
      <span className="d">{ruleWords(subset.rule, version.subsets)}</span>
      {remove.error ? <div className="d"><ErrorNote error={remove.error} /></div> : null}
    </li>
  );
}

function SubsetForm({ version, subset, onClose }: { version: Version; subset: Subset | null; onClose: () => void }) {
  const { t } = useTranslation("datasets");
  const client = useQueryClient();
  const [name, setName] = useState(subset?.name ?? freeName(t("test"), version.subsets.map((each) => each.name)));
  const [rule, setRule] = useState<Rule>(subset?.rule ?? freeShare(version.subsets));
  const others = version.subsets.filter((each) => each.id !== subset?.id);
  const save = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), rule };
      return subset
        ? unwrap(api.PUT("/api/v1/versions/{version_id}/subsets/{subset_id}", { params: { path: { version_id: version.id, subset_id: subset.id } }, body }))
        : unwrap(api.POST("/api/v1/versions/{version_id}/subsets", { params: { path: { version_id: version.id } }, body }));
    },
    onSuccess: (next) => {
      client.setQueryData(keys.version(version.id), next);
      onClose();
    },
  });
  return (
    <form className="ds-dialog" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
      <TextInput label={t("name")} value={name} maxLength={120} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
      <RuleFields version={version} others={others} rule={rule} onChange={setRule} />
      <p className="note ds-sentence"><Icon name="info" /><span>{ruleWords(rule, version.subsets)}</span></p>
      <ErrorNote error={save.error} />
      <div className="ds-dialog-foot">
        <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
        <button type="submit" className="btn primary lg" disabled={!name.trim() || !isComplete(rule) || save.isPending}>{subset ? t("save") : t("create")}</button>
      </div>
    </form>
  );
}

type Shares = { stratify_by?: string | null; group_by?: string | null };

function FoldsForm({ version, onClose }: { version: Version; onClose: () => void }) {
  const { t } = useTranslation("datasets");
  const panels = useTranslation("panels").t;
  const client = useQueryClient();
  const column = foldColumn(version);
  const [from, setFrom] = useState<"random" | "column">(column ? "column" : "random");
  const [folds, setFolds] = useState(5);
  const [seed, setSeed] = useState(42);
  const [shares, setShares] = useState<Shares>({});
  const [feature, setFeature] = useState(column);
  const make = useMutation({
    mutationFn: () => {
      const body = from === "column" ? { folds, seed, feature } : { folds, seed, feature: null, ...shares };
      return unwrap(api.POST("/api/v1/versions/{version_id}/folds", { params: { path: { version_id: version.id } }, body }));
    },
    onSuccess: (next) => {
      client.setQueryData(keys.version(version.id), next);
      onClose();
    },
  });
  return (
    <form className="ds-dialog" onSubmit={(event) => { event.preventDefault(); make.mutate(); }}>
      <p className="mut">{panels("foldsWords")}</p>
      <Select label={panels("foldsFrom")} allowDeselect={false} value={from} data={[{ value: "random", label: panels("foldsRandom") }, { value: "column", label: panels("foldsColumn") }]} onChange={(value) => value && setFrom(value as "random" | "column")} />
      {from === "random" ? (
        <>
          <div className="ds-two">
            <NumberInput label={panels("foldCount")} min={2} max={20} allowDecimal={false} value={folds} onChange={(value) => typeof value === "number" && setFolds(value)} />
            <NumberInput label={panels("seed")} min={0} allowDecimal={false} value={seed} onChange={(value) => typeof value === "number" && setSeed(value)} />
          </div>
          <ShareFields version={version} value={shares} onChange={(part) => setShares({ ...shares, ...part })} />
        </>
      ) : (
        <Select label={panels("foldColumn")} searchable allowDeselect={false} limit={200} value={feature} data={version.features.filter((each) => ["numeric", "categorical", "binary", "text"].includes(each.type)).map((each) => each.name)} onChange={setFeature} />
      )}
      <ErrorNote error={make.error} />
      <div className="ds-dialog-foot">
        <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
        <button type="submit" className="btn primary lg" disabled={(from === "column" && !feature) || make.isPending}>{t("create")}</button>
      </div>
    </form>
  );
}
