/** The panel `Subsets`: who learns from which rows, and who is asked about which. */
import { Menu, Modal, NumberInput, Select, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import { freeName, type Subset, type Version } from "./columns";

type Rule = Schemas["SubsetRule"];

const share = (subset: Subset, version: Version) => (version.rows ? Math.round((subset.rows / version.rows) * 100) : 0);

export function SubsetsPanel({ version }: { version: Version }) {
  const { t } = useTranslation("datasets");
  const [edited, setEdited] = useState<Subset | "new" | null>(null);
  const isDraft = version.state === "draft";
  return (
    <section className="sec">
      <div className="sec-h">
        <h2>{t("subsets")}</h2>
        {isDraft ? <button type="button" className="btn sm" onClick={() => setEdited("new")}><Icon name="plus" size={12} />{t("newSubset")}</button> : null}
      </div>
      <div className="ds-split num" role="img" aria-label={version.subsets.map((each) => `${each.name} ${share(each, version)} %`).join(", ")}>
        {version.subsets.map((subset, place) => (
          <div key={subset.id} className={place === 0 ? "filled" : "hatched"} style={{ flexGrow: Math.max(subset.rows, version.rows / 12) }}>
            <span>{share(subset, version)} %</span>
          </div>
        ))}
      </div>
      <ul>
        {version.subsets.map((subset, place) => (
          <SubsetLine key={subset.id} version={version} subset={subset} filled={place === 0} onEdit={() => setEdited(subset)} />
        ))}
      </ul>
      <Modal opened={edited !== null} onClose={() => setEdited(null)} title={edited === "new" ? t("newSubset") : t("changeSubset")} size={440} centered closeButtonProps={{ "aria-label": t("close") }}>
        {edited ? <SubsetForm version={version} subset={edited === "new" ? null : edited} onClose={() => setEdited(null)} /> : null}
      </Modal>
    </section>
  );
}

function ruleWords(subset: Subset, version: Version, t: (key: string, params?: Record<string, unknown>) => string): string {
  const { rule } = subset;
  if (rule.kind === "all") return t("ruleAll");
  if (rule.kind === "rest") return t("ruleRest", { name: version.subsets.find((each) => each.id === rule.of)?.name ?? "" });
  return t("ruleRandom", { share: rule.share_percent ?? 100, seed: rule.seed ?? 0 });
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
      <span className="d">{ruleWords(subset, version, t)}</span>
      {remove.error ? <div className="d"><ErrorNote error={remove.error} /></div> : null}
    </li>
  );
}

function SubsetForm({ version, subset, onClose }: { version: Version; subset: Subset | null; onClose: () => void }) {
  const { t } = useTranslation("datasets");
  const client = useQueryClient();
  const [name, setName] = useState(subset?.name ?? freeName(t("test"), version.subsets.map((each) => each.name)));
  const [rule, setRule] = useState<Rule>(subset?.rule ?? { kind: "random", share_percent: 10, seed: 42, of: null });
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
      <Select
        label={t("rule")} allowDeselect={false} value={rule.kind} onChange={(kind) => kind && setRule({ ...rule, kind: kind as Rule["kind"], of: kind === "rest" ? (others[0]?.id ?? null) : null })}
        data={[{ value: "random", label: t("kindRandom") }, ...(others.length ? [{ value: "rest", label: t("kindRest") }] : []), { value: "all", label: t("ruleAll") }]}
      />
      {rule.kind === "random" ? (
        <div className="ds-two">
          <NumberInput label={t("shareOfRows")} suffix=" %" min={1} max={100} value={rule.share_percent ?? 100} onChange={(value) => typeof value === "number" && setRule({ ...rule, share_percent: value })} />
          <NumberInput label={t("seed")} min={0} allowDecimal={false} value={rule.seed ?? 42} onChange={(value) => typeof value === "number" && setRule({ ...rule, seed: value })} />
        </div>
      ) : null}
      {rule.kind === "rest" ? (
        <Select label={t("restOf")} allowDeselect={false} value={rule.of ?? null} data={others.map((each) => ({ value: each.id, label: each.name }))} onChange={(of) => setRule({ ...rule, of })} />
      ) : null}
      <ErrorNote error={save.error} />
      <div className="ds-dialog-foot">
        <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
        <button type="submit" className="btn primary lg" disabled={!name.trim() || save.isPending}>{subset ? t("save") : t("create")}</button>
      </div>
    </form>
  );
}
