/** Which metrics are drawn and listed, of all that the runs measure. */
import { Menu } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { Icon } from "@/ui/Icon";

import { metricName } from "./runWords";

export type MetricMenuProps = { metrics: readonly string[]; shown: readonly string[]; onChange: (shown: ReadonlySet<string>) => void };

export function MetricMenu({ metrics, shown, onChange }: MetricMenuProps) {
  const { t } = useTranslation("evaluation");
  const toggle = (metric: string) => onChange(new Set(shown.includes(metric) ? shown.filter((each) => each !== metric) : [...shown, metric]));
  return (
    <Menu position="bottom-end" offset={4} shadow="md">
      <Menu.Target>
        <button type="button" className="btn quiet sm" title={t("moreMetricsHint")}>
          {t("moreMetrics", { shown: shown.length, all: metrics.length })}<Icon name="down" />
        </button>
      </Menu.Target>
      <Menu.Dropdown mah="min(480px, 60vh)" style={{ overflowY: "auto" }}>
        {metrics.map((metric) => {
          const checked = shown.includes(metric);
          return (
            <Menu.CheckboxItem key={metric} checked={checked} checkIcon={<Icon name="check" />} disabled={checked && shown.length === 1} onChange={() => toggle(metric)}>
              {metricName(metric, t)}
            </Menu.CheckboxItem>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
