/** The `More` menu of a run. */
import { Menu } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";

import { canStop } from "./runWords";
import type { Run } from "./series";

export type RunMenuProps = { run: Run; onDownload: (run: Run) => void; onStop: (run: Run) => void; onContinue: (run: Run) => void; onCompete: (run: Run) => void };

export function RunMenu({ run, onDownload, onStop, onContinue, onCompete }: RunMenuProps) {
  const { t } = useTranslation("evaluation");
  const hasCheckpoint = run.checkpoints.length > 0;
  return (
    <Menu position="bottom-start" offset={4} width={216} shadow="md">
      <Menu.Target>
        <button type="button" className="btn quiet icon sm" aria-label={t("more")} onClick={(event) => event.stopPropagation()}>
          <Icon name="more" />
        </button>
      </Menu.Target>
      <Menu.Dropdown onClick={(event) => event.stopPropagation()}>
        <Menu.Item leftSection={<Icon name="download" />} disabled={!hasCheckpoint} onClick={() => onDownload(run)}>{t("download")}</Menu.Item>
        {canStop(run) ? <Menu.Item leftSection={<Icon name="stop" />} onClick={() => onStop(run)}>{run.state === "queued" ? t("leaveQueue") : t("stop")}</Menu.Item> : null}
        {run.can_continue ? <Menu.Item leftSection={<Icon name="play" />} onClick={() => onContinue(run)}>{t("continueTraining")}</Menu.Item> : null}
        <Menu.Item leftSection={<Icon name="flag" />} disabled={!hasCheckpoint} onClick={() => onCompete(run)}>{t("enterCompetition")}</Menu.Item>
        {hasCheckpoint ? null : <Menu.Label>{t("noCheckpointYet")}</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}
