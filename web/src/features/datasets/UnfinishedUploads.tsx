/** Uploads that stopped before their end: each says how far it came, and can be forgotten. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, type Schemas, unwrap } from "@/api/client";
import { keys } from "@/api/queries";
import { Icon } from "@/ui/Icon";
import { bytes, percent } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

type Upload = Schemas["Upload"];

export function UnfinishedUploads({ uploads }: { uploads: readonly Upload[] }) {
  const { t } = useTranslation("datasets");
  const client = useQueryClient();
  const forget = useMutation({
    mutationFn: (upload: Upload) => unwrap(api.DELETE("/api/v1/uploads/{upload_id}", { params: { path: { upload_id: upload.id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.unfinishedUploads }),
  });
  if (uploads.length === 0) return <ErrorNote error={forget.error} />;
  return (
    <section className="ds-unfinished" aria-label={t("unfinishedUploads")}>
      <h3 className="t12 b6">{t("unfinishedUploads")}</h3>
      <ul>
        {uploads.map((upload) => (
          <li key={upload.id} className="row t12">
            <Icon name={upload.is_folder ? "folder" : "file"} />
            <span className="b5 ell" title={upload.file_name}>{upload.file_name}</span>
            <span className="mut num sp">{t(upload.is_folder ? "unfinishedFolder" : "unfinishedWords", { share: percent(upload.received_bytes / upload.bytes), total: bytes(upload.bytes) })}</span>
            <button type="button" className="btn sm" disabled={forget.isPending} aria-label={t("forgetOf", { name: upload.file_name })} onClick={() => forget.mutate(upload)}>{t("forget")}</button>
          </li>
        ))}
      </ul>
      <ErrorNote error={forget.error} />
    </section>
  );
}
