/** `New feature set`: several features under one name, used as one input or one target. */
import { Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, unwrap } from "@/api/client";
import { keys } from "@/api/queries";
import { ButtonWithReason } from "@/ui/ButtonWithReason";
import { ErrorNote } from "@/ui/ProblemNote";

import type { Version } from "./columns";
import { FeaturePicker } from "./FeaturePicker";

type Props = { version: Version; opened: boolean; onClose: () => void };

export function FeatureSetDialog(props: Props) {
  const { t } = useTranslation("datasets");
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={t("newFeatureSet")} size={520} centered closeButtonProps={{ "aria-label": t("close") }}>
      <FeatureSetForm {...props} />
    </Modal>
  );
}

function FeatureSetForm({ version, onClose }: Props) {
  const { t } = useTranslation("datasets");
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
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
  const why = !chosen.size ? t("needs.features") : !name.trim() ? t("needs.name") : null;
  return (
    <form className="ds-dialog" onSubmit={(event) => { event.preventDefault(); create.mutate(); }}>
      <FeaturePicker features={version.features} chosen={chosen} onChange={setChosen} />
      <TextInput label={t("featureSetName")} value={name} maxLength={120} placeholder={t("featureSetExample")} onChange={(event) => setName(event.currentTarget.value)} />
      <ErrorNote error={create.error} />
      <div className="ds-dialog-foot">
        <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
        <ButtonWithReason type="submit" className="btn primary lg" why={why} busy={create.isPending}>{t("create")}</ButtonWithReason>
      </div>
    </form>
  );
}
