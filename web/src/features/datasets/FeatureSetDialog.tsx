/** `New feature set`: several features under one name, used as one input or one target. */
import { Checkbox, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { memo, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, unwrap } from "@/api/client";
import { keys } from "@/api/queries";
import { ErrorNote } from "@/ui/ProblemNote";

import type { Feature, Version } from "./columns";

type Props = { version: Version; opened: boolean; onClose: () => void };

export function FeatureSetDialog(props: Props) {
  const { t } = useTranslation("datasets");
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={t("newFeatureSet")} size={480} centered closeButtonProps={{ "aria-label": t("close") }}>
      {props.opened ? <FeatureSetForm {...props} /> : null}
    </Modal>
  );
}

function FeatureSetForm({ version, onClose }: Props) {
  const { t } = useTranslation("datasets");
  const client = useQueryClient();
  const [search, setSearch] = useState("");
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(() => version.features.filter((each) => each.name.toLowerCase().includes(search.trim().toLowerCase())), [version.features, search]);
  const toggle = useCallback((feature: string) => {
    setChosen((old) => {
      const next = new Set(old);
      if (!next.delete(feature)) next.add(feature);
      return next;
    });
  }, []);
  const create = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/versions/{version_id}/feature-sets", {
      params: { path: { version_id: version.id } },
      body: { name: name.trim(), features: version.features.map((each) => each.name).filter((each) => chosen.has(each)) },
    })),
    onSuccess: (next) => {
      client.setQueryData(keys.version(version.id), next);
      onClose();
    },
  });
  const count = shown.filter((each) => chosen.has(each.name)).length;
  const all = shown.length > 0 && count === shown.length;
  const toggleAll = () => setChosen((old) => new Set(all ? [...old].filter((each) => !shown.some((one) => one.name === each)) : [...old, ...shown.map((each) => each.name)]));
  return (
    <form className="ds-dialog" onSubmit={(event) => { event.preventDefault(); create.mutate(); }}>
      <TextInput type="search" aria-label={t("findFeature")} placeholder={t("findFeature")} value={search} onChange={(event) => setSearch(event.currentTarget.value)} data-autofocus />
      <div className="row ds-all">
        <Checkbox label={t("selectAll")} checked={all} indeterminate={!all && count > 0} onChange={toggleAll} />
        <span className="sp" />
        <span className="t12 dim num">{t("chosenOf", { chosen: chosen.size, total: version.features.length })}</span>
      </div>
      <ul className="ds-ticks" aria-label={t("features")}>
        {shown.map((feature) => <Tick key={feature.name} feature={feature} checked={chosen.has(feature.name)} onToggle={toggle} />)}
      </ul>
      <TextInput label={t("featureSetName")} value={name} maxLength={120} placeholder={t("featureSetExample")} onChange={(event) => setName(event.currentTarget.value)} />
      <ErrorNote error={create.error} />
      <div className="ds-dialog-foot">
        <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
        <button type="submit" className="btn primary lg" disabled={!chosen.size || !name.trim() || create.isPending}>{t("create")}</button>
      </div>
    </form>
  );
}

const Tick = memo(function Tick({ feature, checked, onToggle }: { feature: Feature; checked: boolean; onToggle: (name: string) => void }) {
  const { t } = useTranslation("datasets");
  return (
    <li className="row">
      <Checkbox label={feature.name} checked={checked} onChange={() => onToggle(feature.name)} />
      <span className="sp" />
      <span className="t11 dim">{t(`type.${feature.type}`)}</span>
    </li>
  );
});
