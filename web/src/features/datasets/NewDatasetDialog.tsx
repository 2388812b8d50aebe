/** `New dataset` and `Add files`: choose or drop files, or name a path; watch them go up; name the dataset. */
import { Modal, Select, Tabs, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys, systemQuery, unfinishedUploadsQuery } from "@/api/queries";
import { ButtonWithReason } from "@/ui/ButtonWithReason";
import { Icon } from "@/ui/Icon";
import { ErrorNote, ProblemNote } from "@/ui/ProblemNote";

import { FileChoice, LeftOutFiles, LocalPath, UploadProgress } from "./FileChoice";
import { UnfinishedUploads } from "./UnfinishedUploads";
import { useUploads } from "./upload";

type Dataset = Schemas["Dataset"];
type Given = Pick<Schemas["FilesGiven"], "upload_ids" | "local_path">;
type Delimiter = NonNullable<NonNullable<Schemas["FilesGiven"]["options"]>["delimiter"]>;
type Done = (dataset: Dataset | null, version: Schemas["Version"] | null) => void;
type Props = { projectId: string; dataset?: Dataset | undefined; opened: boolean; onClose: () => void; onDone: Done };

const DELIMITERS: readonly Delimiter[] = ["auto", ",", ";", "\t", "|"];

export function NewDatasetDialog(props: Props) {
  const { t } = useTranslation("datasets");
  const panels = useTranslation("panels").t;
  const title = props.dataset ? panels("addFilesTo", { name: props.dataset.name }) : t("newDataset");
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={title} size={600} centered closeButtonProps={{ "aria-label": t("close") }}>
      {props.opened ? <Steps {...props} /> : null}
    </Modal>
  );
}

function Steps(props: Props) {
  const { t } = useTranslation("datasets");
  const panels = useTranslation("panels").t;
  const upload = useUploads();
  const [tab, setTab] = useState<string | null>("files");
  const [path, setPath] = useState("");
  const [naming, setNaming] = useState(false);
  const local = useQuery(systemQuery).data?.local_paths_allowed ?? false;
  const unfinished = useQuery(unfinishedUploadsQuery).data ?? [];
  const byPath = tab === "path";
  const why = byPath ? (path.trim() ? null : t("needs.path")) : upload.state.phase === "complete" ? null : t(upload.state.phase === "idle" ? "needs.files" : "needs.upload");
  const given: Given = byPath ? { local_path: path.trim() } : { upload_ids: [...upload.state.uploadIds] };
  if (naming) {
    const suggested = byPath ? (path.trim().split(/[\\/]/).findLast(Boolean) ?? "") : upload.state.fileName;
    return <LastStep {...props} given={given} suggested={suggested} onBack={() => setNaming(false)} />;
  }
  const cancel = () => {
    upload.reset();
    props.onClose();
  };
  return (
    <form className="ds-dialog" onSubmit={(event) => { event.preventDefault(); if (why === null) setNaming(true); }}>
      <Tabs value={tab} onChange={setTab}>
        <Tabs.List>
          <Tabs.Tab value="files">{t("uploadFiles")}</Tabs.Tab>
          {local ? <Tabs.Tab value="path">{panels("onThisMachine")}</Tabs.Tab> : null}
        </Tabs.List>
        <Tabs.Panel value="files" pt={12}>
          {upload.state.phase === "idle" && upload.state.problem ? <ProblemNote problem={upload.state.problem} /> : null}
          {upload.state.phase === "idle" ? <LeftOutFiles state={upload.state} /> : null}
          {upload.state.phase === "idle" ? <FileChoice onGiven={(look) => void upload.start(look, unfinished)} /> : <UploadProgress upload={upload} />}
          {upload.state.phase === "idle" ? <UnfinishedUploads uploads={unfinished} /> : null}
        </Tabs.Panel>
        <Tabs.Panel value="path" pt={12}><LocalPath path={path} onPath={setPath} /></Tabs.Panel>
      </Tabs>
      <div className="ds-dialog-foot">
        <button type="button" className="btn lg" onClick={cancel}>{t("cancel")}</button>
        <ButtonWithReason type="submit" className="btn primary lg" why={why}>{t("next")}</ButtonWithReason>
      </div>
    </form>
  );
}

function LastStep({ projectId, dataset, given, suggested, onBack, onDone }: Props & { given: Given; suggested: string; onBack: () => void }) {
  const { t } = useTranslation("datasets");
  const panels = useTranslation("panels").t;
  const client = useQueryClient();
  const [name, setName] = useState(suggested.replace(/\.[^.]+$/, ""));
  const [delimiter, setDelimiter] = useState<Delimiter>("auto");
  const begin = useMutation({
    mutationFn: async (): Promise<{ dataset: Dataset | null; version: Schemas["Version"] | null }> => {
      const files = { ...given, options: { delimiter } };
      if (dataset) return { dataset: null, version: await unwrap(api.POST("/api/v1/datasets/{dataset_id}/files", { params: { path: { dataset_id: dataset.id } }, body: files })) };
      return { dataset: await unwrap(api.POST("/api/v1/projects/{project_id}/datasets", { params: { path: { project_id: projectId } }, body: { name: name.trim(), ...files } })), version: null };
    },
    onSuccess: async (begun) => {
      await client.invalidateQueries({ queryKey: keys.datasets(projectId) });
      onDone(begun.dataset, begun.version);
    },
  });
  return (
    <form className="ds-dialog" onSubmit={(event) => { event.preventDefault(); begin.mutate(); }}>
      {dataset
        ? <p className="mut">{panels("addWords", { name: dataset.name })}</p>
        : <TextInput label={t("name")} value={name} maxLength={120} data-autofocus onChange={(event) => setName(event.currentTarget.value)} />}
      <details className="ds-options">
        <summary className="t12">{panels("readingOptions")}<Icon name="down" size={12} /></summary>
        <Select
          label={panels("delimiter")} description={panels("delimiterHint")} allowDeselect={false} value={delimiter}
          data={DELIMITERS.map((each) => ({ value: each, label: panels(`delimiters.${each === "\t" ? "tab" : each}`) }))}
          onChange={(value) => value && setDelimiter(value as Delimiter)}
        />
      </details>
      <ErrorNote error={begin.error} />
      <div className="ds-dialog-foot">
        <button type="button" className="btn lg" onClick={onBack}>{t("back")}</button>
        <ButtonWithReason type="submit" className="btn primary lg" why={!dataset && !name.trim() ? t("needs.name") : null} busy={begin.isPending}>{dataset ? panels("addFiles") : t("done")}</ButtonWithReason>
      </div>
    </form>
  );
}
