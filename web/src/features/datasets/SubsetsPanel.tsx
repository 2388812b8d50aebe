/** The panel `Subsets`: who learns from which rows, and who is asked about which. */
import "./subset-marks.css";

import { Menu, Modal } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";
import { number } from "@/ui/measures";
import { ErrorNote } from "@/ui/ProblemNote";

import type { Subset, Version } from "./columns";
import { DataUsage } from "./DataUsage";
import { FoldsForm } from "./FoldsForm";
import { ruleWords } from "./ruleWords";
import { SubsetForm } from "./SubsetForm";
import { type SubsetEdits, useSubsetEdits } from "./subsetEdits";
import { markClasses } from "./subsetMarks";

type Edited = Subset | "new" | "folds";

export function SubsetsPanel({ version }: { version: Version }) {
  const { t } = useTranslation("datasets");
  const panels = useTranslation("panels").t;
  const [edited, setEdited] = useState<Edited | null>(null);
  const edits = useSubsetEdits(version);
  const open = (what: Edited) => { edits.forgetError(); setEdited(what); };
  const close = () => setEdited(null);
  const isDraft = version.state === "draft";
  const title = edited === "new" ? t("newSubset") : edited === "folds" ? panels("makeFolds") : t("changeSubset");
  return (
    <section className="sec">
      <div className="sec-h">
        <h2>{t("subsets")}</h2>
        {isDraft ? (
          <span className="row">
            <button type="button" className="btn quiet sm" onClick={() => open("folds")}>{panels("folds")}</button>
            <button type="button" className="btn sm" onClick={() => open("new")}><Icon name="plus" size={12} />{t("newSubset")}</button>
          </span>
        ) : null}
      </div>
      <DataUsage version={version} edits={edits} />
      <ul className="ds-subsets">
        {version.subsets.map((subset) => (
          <SubsetLine key={subset.id} version={version} subset={subset} edits={edits} onEdit={() => open(subset)} />
        ))}
      </ul>
      {edited === null ? <ErrorNote error={edits.error} /> : null}
      <Modal opened={edited !== null} onClose={close} title={title} size={560} centered closeButtonProps={{ "aria-label": t("close") }}>
        {edited === "folds" ? <FoldsForm version={version} edits={edits} onClose={close} /> : null}
        {edited && edited !== "folds" ? <SubsetForm version={version} subset={edited === "new" ? null : edited} edits={edits} onClose={close} /> : null}
      </Modal>
    </section>
  );
}

function SubsetLine({ version, subset, edits, onEdit }: { version: Version; subset: Subset; edits: SubsetEdits; onEdit: () => void }) {
  const { t } = useTranslation("datasets");
  return (
    <li className="ds-subset">
      <span className={`key ${markClasses(subset, version.subsets)}`} aria-hidden="true" />
      <b className="b6 ell" title={subset.name}>{subset.name}</b>
      <span className="num b5">{t("rows", { count: subset.rows, rows: number(subset.rows) })}</span>
      {version.state === "draft" ? (
        <Menu position="bottom-end" shadow="md" width={160}>
          <Menu.Target><button type="button" className="btn quiet icon sm" aria-label={t("moreOf", { name: subset.name })}><Icon name="more" /></button></Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<Icon name="edit" />} onClick={onEdit}>{t("change")}</Menu.Item>
            <Menu.Item leftSection={<Icon name="bin" />} onClick={() => edits.remove(subset)}>{t("remove")}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ) : null}
      <span className="d">{ruleWords(subset.rule, version.subsets)}</span>
    </li>
  );
}
