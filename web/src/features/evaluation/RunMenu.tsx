/** The `More` menu of a run. */
import { Menu } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { useLost } from "@/api/events";
import { Icon } from "@/ui/Icon";

import { canFollowUp, canPause, canStop } from "./runWords";
import type { Run } from "./series";

export type RunMenuProps = { run: Run; onDownload: (run: Run) => void; onStop: (run: Run) => void; onPause: (run: Run) => void; onContinue: (run: Run) => void; onFollowUp: (run: Run) => void; onDuplicate: (run: Run) => void; onCompete: (run: Run) => void };

export function RunMenu({ run, onDownload, onStop, onPause, onContinue, onFollowUp, onDuplicate, onCompete }: RunMenuProps) {
  const { t } = useTranslation("evaluation");
  const lost = useLost();
  const hasCheckpoint = run.checkpoints.length > 0;
  return (
    <Menu position="bottom-start" offset={4} width={248} shadow="md">
      <Menu.Target>
        <button type="button" className="btn quiet icon sm" aria-label={t("more")} onClick={(event) => event.stopPropagation()}>
          <Icon name="more" />
        </button>
      </Menu.Target>
      <Menu.Dropdown onClick={(event) => event.stopPropagation()}>
        <Menu.Item leftSection={<Icon name="download" />} disabled={lost || !hasCheckpoint} onClick={() => onDownload(run)}>{t("download")}</Menu.Item>
        {canPause(run) ? <Menu.Item leftSection={<Icon name="pause" />} disabled={lost} onClick={() => onPause(run)}>{t("pause")}</Menu.Item> : null}
        {canStop(run) ? <Menu.Item leftSection={<Icon name="stop" />} disabled={lost} onClick={() => onStop(run)}>{run.state === "queued" ? t("leaveQueue") : t("stop")}</Menu.Item> : null}
        {run.can_continue ? <Menu.Item leftSection={<Icon name="play" />} disabled={lost} onClick={() => onContinue(run)}>{run.state === "paused" ? t("resume") : t("continueTraining")}</Menu.Item> : null}
        {canFollowUp(run) ? <Menu.Item leftSection={<Icon name="arrow" />} disabled={lost} onClick={() => onFollowUp(run)}>{t("followUp")}</Menu.Item> : null}
        <Menu.Item leftSection={<Icon name="copy" />} disabled={lost} onClick={() => onDuplicate(run)}>{t("duplicateRun")}</Menu.Item>
        <Menu.Item leftSection={<Icon name="flag" />} disabled={lost || !hasCheckpoint} onClick={() => onCompete(run)}>{t("enterCompetition")}</Menu.Item>
        {hasCheckpoint ? null : <Menu.Label>{t("noCheckpointYet")}</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}
