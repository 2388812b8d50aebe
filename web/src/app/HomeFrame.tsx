/** The frame of Home: the product's name, the machine, language and theme. */
import { Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, Outlet } from "react-router";

import { useLiveEvents } from "@/api/events";
import { projectsQuery, systemQuery } from "@/api/queries";
import { useShownTheme } from "@/ui/appearance";
import { Icon, ProductMark } from "@/ui/Icon";
import { bytes } from "@/ui/measures";
import { usePageTitle } from "@/ui/pageTitle";
import { AppearanceItems, LanguageItems, LANGUAGES } from "@/ui/Preferences";

import { ConnectionNote } from "./ConnectionNote";
import { FailurePage } from "./Pages";
import { QueueMenu } from "./QueueMenu";

export function HomeFrame() {
  const { t } = useTranslation();
  useLiveEvents();
  usePageTitle("", "frame");
  const projects = useQuery(projectsQuery);
  return (
    <div className="app">
      <header className="top home-top">
        <Link to="/" className="brand">
          <ProductMark />
          <span className="t15 b6">{t("product")}</span>
        </Link>
        <span />
        <div className="end">
          <QueueMenu />
          <MachineLine />
          <Preferences />
        </div>
      </header>
      <div className="view">
        <ConnectionNote />
        {projects.error && !projects.data ? <FailurePage failure={projects.error} /> : <Outlet />}
      </div>
    </div>
  );
}

/** "2 cores · 5.1 of 7.8 GB free". */
function MachineLine() {
  const { t } = useTranslation();
  const { data } = useQuery({ ...systemQuery, refetchInterval: 20_000 });
  if (!data) return null;
  return (
    <span className="st machine" title={t("machineHint", { folder: data.data_folder, disk: bytes(data.disk_free_bytes), version: data.version })}>
      <Icon name="cpu" />
      {t("machine", { count: data.cores, free: bytes(data.memory_free_bytes), memory: bytes(data.memory_bytes) })}
    </span>
  );
}

function Preferences() {
  const { t, i18n } = useTranslation();
  const shown = useShownTheme();
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <button type="button" className="btn quiet" aria-label={t("language")}>
            <Icon name="globe" />
            {LANGUAGES[i18n.language === "zh" ? "zh" : "en"]}
          </button>
        </Menu.Target>
        <Menu.Dropdown><LanguageItems /></Menu.Dropdown>
      </Menu>
      <Menu position="bottom-end">
        <Menu.Target>
          <button type="button" className="btn quiet icon" aria-label={t("appearance")} title={t("appearance")}>
            <Icon name={shown === "dark" ? "sun" : "moon"} />
          </button>
        </Menu.Target>
        <Menu.Dropdown><AppearanceItems /></Menu.Dropdown>
      </Menu>
    </>
  );
}
