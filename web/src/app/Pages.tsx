/** Pages for when there is nothing else to show: loading, no such page, no session, a mistake of ours. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useRouteError } from "react-router";

import { ApiError } from "@/api/client";
import { describeProblem } from "@/i18n";
import { ProductMark } from "@/ui/Icon";

export function LoadingView() {
  const { t } = useTranslation();
  return <main className="alone" aria-busy="true"><p className="dim">{t("loading")}</p></main>;
}

function Alone({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="alone">
      <ProductMark />
      <h1>{title}</h1>
      {children}
    </main>
  );
}

export function NotFoundPage({ framed = false }: { framed?: boolean }) {
  const { t } = useTranslation();
  return (
    <Alone title={t("notFound")}>
      <p className="mut">{t("notFoundHint")}</p>
      <Link className={`btn lg${framed ? " primary" : ""}`} to="/">{t("toProjects")}</Link>
    </Alone>
  );
}

/** The browser's session ended, or it never had one. */
function NoSessionPage() {
  const { t } = useTranslation();
  return (
    <Alone title={t("noSession")}>
      <p className="mut">{t("noSessionHint")}</p>
      <button type="button" className="btn lg" onClick={() => location.reload()}>{t("tryAgain")}</button>
    </Alone>
  );
}

/** What could not be shown, and why; the work on the server is not touched by it. */
export function FailurePage({ failure }: { failure: unknown }) {
  const { t } = useTranslation();
  if (failure instanceof ApiError && failure.status === 401) return <NoSessionPage />;
  if (failure instanceof ApiError) {
    const words = describeProblem(failure.problem);
    return (
      <Alone title={words.message}>
        <p className="mut">{words.fix}</p>
        <Link className="btn lg" to="/">{t("toProjects")}</Link>
      </Alone>
    );
  }
  return (
    <Alone title={t("crashed")}>
      <p className="mut">{t("crashedHint")}</p>
      <button type="button" className="btn lg primary" onClick={() => location.reload()}>{t("reload")}</button>
      <details>
        <summary className="t12 dim">{t("details")}</summary>
        <pre>{failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)}</pre>
      </details>
    </Alone>
  );
}

export function CrashPage() {
  return <FailurePage failure={useRouteError()} />;
}
