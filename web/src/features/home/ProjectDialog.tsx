/** `New project`, and the same two fields to rename one. */
import { Modal, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/queries";
import { ErrorNote } from "@/ui/ProblemNote";

type Project = Schemas["Project"];
type Props = { project?: Project; onClose: () => void; onSaved: (project: Project) => void };

const NAME_LIMIT = 120;
const DESCRIPTION_LIMIT = 2_000;

export function ProjectDialog({ project, onClose, onSaved }: Props) {
  const { t } = useTranslation("home");
  const client = useQueryClient();
  const [name, setName] = useState(project?.name ?? "");
  const [description, setDescription] = useState(project?.description ?? "");
  const save = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), description: description.trim() };
      return unwrap(project ? api.PATCH("/api/v1/projects/{project_id}", { params: { path: { project_id: project.id } }, body }) : api.POST("/api/v1/projects", { body }));
    },
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: keys.projects });
      onSaved(saved);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) save.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={project ? t("renameProject") : t("newProject")} centered size={440} closeButtonProps={{ "aria-label": t("close") }}>
      <form className="project-form" onSubmit={submit}>
        <TextInput label={t("projectName")} value={name} maxLength={NAME_LIMIT} data-autofocus onChange={(event) => setName(event.currentTarget.value)} />
        <Textarea label={t("description")} value={description} maxLength={DESCRIPTION_LIMIT} autosize minRows={2} maxRows={8} onChange={(event) => setDescription(event.currentTarget.value)} />
        <ErrorNote error={save.error} />
        <div className="row">
          <span className="sp" />
          <button type="button" className="btn lg" onClick={onClose}>{t("cancel")}</button>
          <button type="submit" className="btn lg primary" disabled={!name.trim() || save.isPending}>{project ? t("save") : t("create")}</button>
        </div>
      </form>
    </Modal>
  );
}
