/** Start the studio in the browser. */
import "@fontsource-variable/inter";
import "@mantine/core/styles.css";
import "@/ui/tokens.css";
import "@/ui/parts.css";
import "@/ui/mantine.css";
import "./frame.css";
import "@/i18n";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { applyAppearance } from "@/ui/appearance";

import { App } from "./App";

applyAppearance();
createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
