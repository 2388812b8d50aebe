import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const features = ["home", "datasets", "modeling", "evaluation", "competition", "deployment"];

export default tseslint.config(
  { ignores: ["src/api/schema.ts", "node_modules"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  { files: ["src/**/*.{ts,tsx}"], plugins: { "react-hooks": hooks }, rules: hooks.configs.recommended.rules },
  {
    // The pure model knows no React: it is tested without a browser.
    files: ["src/model/**"],
    rules: { "no-restricted-imports": ["error", { patterns: ["react*", "@mantine/*", "@xyflow/*", "@/ui/*", "@/features/*"] }] },
  },
  // One feature never imports another: what two need lives in ui, model or api.
  ...features.map((name) => ({
    files: [`src/features/${name}/**`],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [...features.filter((other) => other !== name).map((other) => `@/features/${other}/*`), "../../features/*"] },
      ],
    },
  })),
  { files: ["src/{ui,api,i18n}/**"], rules: { "no-restricted-imports": ["error", { patterns: ["@/features/*", "@/app/*"] }] } },
);
