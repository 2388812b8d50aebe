/** The queue of trainings of all projects, within reach from every view: what runs, what waits, and in which order. */
import { Popover } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { jobsQuery } from "@/api/queries";
import { Icon, Mark } from "@/ui/Icon";

import { QueuePanel } from "./QueuePanel";

export function QueueMenu() {
  const { t } = useTranslation("queue");
  const [opened, setOpened] = useState(false);
  const trainings = (useQuery(jobsQuery).data ?? []).filter((job) => job.kind === "train");
  const running = trainings.filter((job) => job.state === "running").length;
  const waiting = trainings.length - running;
  if (!trainings.length && !opened) return null;
  const words = [t("runningCount", { count: running }), t("waitingCount", { count: waiting })].join(", ");
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" trapFocus returnFocus width={400}>
      <Popover.Target>
        <button type="button" className="btn quiet queue-open num" aria-expanded={opened} aria-label={t("open", { state: words })} title={words} onClick={() => setOpened(!opened)}>
          <Icon name="list" />
          <span className="queue-word">{t("title")}</span>
          {running ? <span className="st live"><Mark name="live" />{running}</span> : null}
          {waiting ? <span className="st"><Mark name="wait" />{waiting}</span> : null}
        </button>
      </Popover.Target>
      <Popover.Dropdown className="queue-drop" aria-label={t("title")}>
        {opened ? <QueuePanel onLeave={() => setOpened(false)} /> : null}
      </Popover.Dropdown>
    </Popover>
  );
}
