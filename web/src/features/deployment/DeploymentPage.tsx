/** Deployment: the models that were taken out of the studio, and where they can go. */
import "./deployment.css";

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";

import { API_PREFIX, type Schemas } from "@/api/client";
import { bundlesQuery, competitionsQuery } from "@/api/queries";
import { Icon, Mark } from "@/ui/Icon";
import { bytes, clock, number } from "@/ui/measures";
import { PrimaryAction } from "@/ui/PrimaryAction";
import { ErrorNote, ProblemNote } from "@/ui/ProblemNote";

type Bundle = Schemas["Bundle"];

export function DeploymentPage() {
  const { t } = useTranslation("deployment");
  const { projectId = "" } = useParams();
  const bundles = useQuery(bundlesQuery(projectId));
  const competitions = useQuery(competitionsQuery(projectId));
  const error = bundles.error ?? competitions.error;
  if (error && !(bundles.data && competitions.data)) return <main className="de-page"><ErrorNote error={error} /></main>;
  if (!bundles.data || !competitions.data) return <main className="de-page" aria-busy="true" />;
  const empty = !bundles.data.length && !competitions.data.length;
  return (
    <main className="de-page">
      {empty ? (
        <EmptyDeployment projectId={projectId} />
      ) : (
        <>
          <PrimaryAction>
            <Link className="btn primary lg" to={`/projects/${projectId}/evaluation`}><Icon name="download" />{t("downloadAnother")}</Link>
          </PrimaryAction>
          <header>
            <h1>{t("title")}</h1>
            <p className="mut">{t("words")}</p>
          </header>
          <Bundles bundles={bundles.data} />
          <Competitions projectId={projectId} competitions={competitions.data} />
          <WhatABundleHolds />
        </>
      )}
    </main>
  );
}

function Bundles({ bundles }: { bundles: readonly Bundle[] }) {
  const { t } = useTranslation("deployment");
  if (!bundles.length) return null;
  return (
    <section className="card de-card" aria-labelledby="de-bundles">
      <div className="de-cap"><h2 id="de-bundles">{t("bundles")}</h2><span className="t12 dim">{t("bundlesWords")}</span></div>
      <div className="de-scroll">
        <table className="tbl num">
          <thead>
            <tr><th scope="col">{t("experiment")}</th><th scope="col" className="r">{t("epoch")}</th><th scope="col">{t("state")}</th><th scope="col" className="de-minor">{t("madeAt")}</th><th scope="col" className="r de-minor">{t("size")}</th><th scope="col" className="r">{t("download")}</th></tr>
          </thead>
          <tbody>{bundles.map((bundle) => <BundleRow key={bundle.id} bundle={bundle} />)}</tbody>
        </table>
      </div>
      {bundles.flatMap((bundle) => (bundle.problem ? [<ProblemNote key={bundle.id} problem={bundle.problem} />] : []))}
    </section>
  );
}

const BUNDLE_MARKS = { making: ["live", "live"], ready: ["", "done"], failed: ["bad", "bad"] } as const;

function BundleRow({ bundle }: { bundle: Bundle }) {
  const { t } = useTranslation("deployment");
  const [tone, mark] = BUNDLE_MARKS[bundle.state];
  const size = bundle.files.reduce((sum, file) => sum + file.bytes, 0);
  const base = `${API_PREFIX}/bundles/${bundle.id}`;
  return (
    <tr>
      <td className="b5">{bundle.experiment_name}</td>
      <td className="r">{number(bundle.epoch)}</td>
      <td><span className={`st ${tone}`}><Mark name={mark} />{t(`bundleState.${bundle.state}`)}</span></td>
      <td className="mut de-minor">{clock(new Date(bundle.created_at))}</td>
      <td className="r de-minor">{size ? bytes(size) : "–"}</td>
      <td className="r">
        {bundle.state === "ready" ? (
          <span className="de-links">
            <a className="btn sm" href={`${base}/files/model.h5`} download="model.h5" aria-label={t("downloadH5Of", { name: bundle.experiment_name, epoch: bundle.epoch })}>H5</a>
            <a className="btn sm" href={`${base}/bundle.zip`} download="bundle.zip" aria-label={t("downloadZipOf", { name: bundle.experiment_name, epoch: bundle.epoch })}>zip</a>
          </span>
        ) : null}
      </td>
    </tr>
  );
}

function Competitions({ projectId, competitions }: { projectId: string; competitions: readonly Schemas["Competition"][] }) {
  const { t } = useTranslation("deployment");
  if (!competitions.length) return null;
  return (
    <section className="card de-card" aria-labelledby="de-competitions">
      <div className="de-cap"><h2 id="de-competitions">{t("competitions")}</h2><span className="t12 dim">{t("competitionsWords")}</span></div>
      <div className="de-scroll">
        <table className="tbl num">
          <thead><tr><th scope="col">{t("competition")}</th><th scope="col">{t("experiment")}</th><th scope="col" className="r">{t("epoch")}</th><th scope="col">{t("dryRun")}</th><th scope="col" className="de-minor">{t("madeAt")}</th></tr></thead>
          <tbody>
            {competitions.map((each) => (
              <tr key={each.id}>
                <td><Link className="de-link" to={`/projects/${projectId}/evaluation/competitions/${each.id}`}>{each.name}</Link></td>
                <td>{each.experiment_name}</td>
                <td className="r">{number(each.epoch)}</td>
                <td><DryRunState state={each.dry_run?.state ?? "none"} /></td>
                <td className="mut de-minor">{clock(new Date(each.created_at))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const DRY_RUN_MARKS = { none: ["", "wait"], queued: ["", "wait"], running: ["live", "live"], passed: ["", "done"], failed: ["bad", "bad"] } as const;

function DryRunState({ state }: { state: keyof typeof DRY_RUN_MARKS }) {
  const { t } = useTranslation("deployment");
  const [tone, mark] = DRY_RUN_MARKS[state];
  return <span className={`st ${tone}`}><Mark name={mark} />{t(`dryRunState.${state}`)}</span>;
}

const HOLDS = [["model", "bundle"], ["classes", "set"], ["preprocessing", "wave"], ["versions", "info"], ["sample", "check"]] as const;

function WhatABundleHolds() {
  const { t } = useTranslation("deployment");
  return (
    <section aria-labelledby="de-holds">
      <h2 id="de-holds">{t("holdsTitle")}</h2>
      <dl className="de-holds">
        {HOLDS.map(([key, icon]) => (
          <div key={key}>
            <dt><Icon name={icon} />{t(`holds.${key}`)}</dt>
            <dd>{t(`holdsWords.${key}`)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function EmptyDeployment({ projectId }: { projectId: string }) {
  const { t } = useTranslation("deployment");
  return (
    <section className="empty de-empty">
      <svg viewBox="0 0 240 88" width="240" height="88" aria-hidden="true" fill="none" stroke="var(--line-3)" strokeWidth="1.500" strokeLinejoin="round" strokeLinecap="round">
        <path d="M48 12 84 30v36L48 84 12 66V30z" fill="var(--surface)" stroke="var(--ink)" />
        <path d="M13 31 48 48l35-17M48 48v35" stroke="var(--ink)" />
        <path d="M92 34h44M92 48h44M92 62h44" />
        <path d="M144 14h40v16h-40zM144 38h64v16h-64zM144 62h52v16h-52z" fill="var(--surface)" />
        <path d="m151 22 4 4 6-7M151 46l4 4 6-7M151 70l4 4 6-7" stroke="var(--accent)" strokeWidth="1.750" />
      </svg>
      <h1>{t("title")}</h1>
      <p className="mut">{t("emptyWhat")}</p>
      <p className="mut">{t("emptyHow")}</p>
      <Link className="btn primary lg" to={`/projects/${projectId}/evaluation`}>{t("goToEvaluation")}<Icon name="arrow" /></Link>
    </section>
  );
}
