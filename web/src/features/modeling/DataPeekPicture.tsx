/** One real row, drawn small: the tensor of an Input, the true classes of a Target. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { API_PREFIX } from "@/api/client";
import { firstRowQuery } from "@/api/queries";
import type { DataPeek } from "@/model/blockView";

export function DataPeekPicture({ peek, isTarget }: { peek: DataPeek; isTarget: boolean }) {
  const { t } = useTranslation("modeling");
  if (peek.hasPicture) {
    const address = `${API_PREFIX}/versions/${encodeURIComponent(peek.versionId)}/rows/0/picture.png?feature=${encodeURIComponent(peek.source)}`;
    return <img className="peek" src={address} alt={t("row_of", { feature: peek.source })} width={64} height={36} draggable={false} />;
  }
  return isTarget && peek.features.length > 1 ? <ClassBarcode peek={peek} /> : null;
}

const BARCODE_WIDTH = 80;

function ClassBarcode({ peek }: { peek: DataPeek }) {
  const { t } = useTranslation("modeling");
  const rows = useQuery(firstRowQuery(peek.versionId, peek.features));
  const values = rows.data?.rows[0]?.values ?? {};
  const pitch = BARCODE_WIDTH / peek.features.length;
  const every = Math.max(1, Math.round(4 / pitch));
  return (
    <svg className="barcode" viewBox="0 0 80 24" role="img" aria-label={t("class_count", { count: peek.features.length })}>
      {peek.features.map((feature, index) => {
        const isTrue = Number(values[feature] ?? 0) === 1;
        if (!isTrue && index % every !== 0) return null;
        return <rect key={feature} x={index * pitch} y={isTrue ? 0 : 17} width={isTrue ? Math.max(2, pitch - 1) : 1} height={isTrue ? 24 : 7} fill={isTrue ? "var(--ink)" : "var(--line-3)"} />;
      })}
      <path d="M0 23.5H80" stroke="var(--line-2)" />
    </svg>
  );
}
