import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: {
      "@": here("./src"),
      // Problems are worded once, beside the Python that raises them.
      "@catalogue": here("../src/blockwright/contracts/problem_catalogue"),
    },
  },
  build: { outDir: here("../src/blockwright/server/ui"), emptyOutDir: true, sourcemap: false, assetsInlineLimit: 0 },
  server: { fs: { allow: [".."] }, proxy: { "/api": "http://127.0.0.1:8650" } },
  test: { environment: "node", include: ["tests/**/*.test.ts"] },
});
