/**
 * Every word that a person sees is in the catalogues, in both languages, and is used.
 *
 * A file may use a namespace that it names; `studio` is everyone's.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import ts from "typescript";
import { describe, expect, it } from "vitest";

const SRC = fileURLToPath(new URL("../src", import.meta.url));
const SHARED_NAMESPACE = "studio";
const VISIBLE_ATTRIBUTES = new Set(["aria-label", "aria-description", "title", "placeholder", "label", "alt", "description", "hint"]);
const PLURAL = /_(zero|one|two|few|many|other)$/;
/** Namespaces that the problem catalogues of the server fill. */
const FOREIGN_NAMESPACES = new Set(["problems"]);
/** Names of files, formats and units, and one line of code: the same in every language. */
const SAME_EVERYWHERE = new Set(["submission.csv", "model.h5", "H5", "zip", "SHA-256", 'keras.models.load_model("model.h5")', "s", "Hz", "dB", "0 dB", "Freesound 2019", "~/freesound/test", "/home/me/recordings"]);

type Words = Record<string, string>;
type Use = { where: string; namespace: string; key: string };

const filesIn = (folder: string, ending: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => ending.test(name)).map((name) => join(folder, name));

const base = (key: string): string => key.replace(PLURAL, "");
const baseKeys = (words: Words): string[] => [...new Set(Object.keys(words).map(base))].sort();

function catalogues(language: string): Map<string, Words> {
  const files = filesIn(join(SRC, "locales", language), /\.json$/);
  return new Map(files.map((file) => [basename(file, ".json"), JSON.parse(readFileSync(file, "utf8")) as Words]));
}

/** What one source file says: its literals, the beginnings and ends of its templates, and what it shows unworded. */
type Source = { path: string; literals: Set<string>; templates: RegExp[]; uses: Use[]; bare: string[] };

function readSource(path: string): Source {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const source: Source = { path: path.slice(SRC.length + 1), literals: new Set(), templates: [], uses: [], bare: [] };
  const namespaceOf = new Map<string, string>();
  const where = (node: ts.Node) => `${source.path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) source.literals.add(node.text);
    if (ts.isTemplateExpression(node)) source.templates.push(templatePattern(node));
    noteTranslator(node, namespaceOf);
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
      const namespace = namespaceOf.get(node.expression.text);
      const first = node.arguments[0];
      if (namespace && first && ts.isStringLiteral(first)) source.uses.push({ where: where(node), namespace, key: first.text });
    }
    for (const text of shownText(node)) if (/\p{L}/u.test(text) && !SAME_EVERYWHERE.has(text.trim())) source.bare.push(`${where(node)} ${text.trim()}`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return source;
}

/** A regular expression for what a template like `run_${state}` may become. */
function templatePattern(node: ts.TemplateExpression): RegExp {
  const fixed = [node.head.text, ...node.templateSpans.map((span) => span.literal.text)];
  if (!/\w/.test(node.head.text)) return /^(?!)/;
  return new RegExp(`^${fixed.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".+")}$`);
}

/** Note `const { t: words } = useTranslation("home")` and `t: TFunction<"home">`. */
function noteTranslator(node: ts.Node, namespaceOf: Map<string, string>): void {
  if (ts.isVariableDeclaration(node) && node.initializer && ts.isCallExpression(node.initializer) && node.initializer.expression.getText() === "useTranslation" && ts.isObjectBindingPattern(node.name)) {
    const given = node.initializer.arguments[0];
    const namespace = given && ts.isStringLiteral(given) ? given.text : SHARED_NAMESPACE;
    for (const element of node.name.elements) {
      if ((element.propertyName ?? element.name).getText() === "t") namespaceOf.set(element.name.getText(), namespace);
    }
  }
  if (ts.isParameter(node) && node.type) {
    const namespace = /^TFunction<"(\w+)">$/.exec(node.type.getText())?.[1];
    if (namespace) namespaceOf.set(node.name.getText(), namespace);
  }
}

/** Text that would be shown as it stands in the code. */
function shownText(node: ts.Node): string[] {
  if (ts.isJsxText(node)) return [node.text];
  if (ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer) && VISIBLE_ATTRIBUTES.has(node.name.getText())) return [node.initializer.text];
  if (ts.isJsxExpression(node) && node.expression && !ts.isJsxAttribute(node.parent)) return shownLiterals(node.expression);
  return [];
}

function shownLiterals(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...shownLiterals(node.whenTrue), ...shownLiterals(node.whenFalse)];
  if (ts.isBinaryExpression(node) && node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return shownLiterals(node.right);
  if (ts.isParenthesizedExpression(node)) return shownLiterals(node.expression);
  return [];
}

const english = catalogues("en");
const chinese = catalogues("zh");
const sources = filesIn(SRC, /\.tsx?$/).filter((path) => !path.endsWith("api/schema.ts")).map(readSource);

describe("words", () => {
  it("are in both languages", () => {
    const missing = [...english.keys(), ...chinese.keys()].flatMap((namespace) => {
      const [en, zh] = [baseKeys(english.get(namespace) ?? {}), baseKeys(chinese.get(namespace) ?? {})];
      return [...en.filter((key) => !zh.includes(key)).map((key) => `zh/${namespace}: ${key}`), ...zh.filter((key) => !en.includes(key)).map((key) => `en/${namespace}: ${key}`)];
    });
    expect([...new Set(missing)]).toEqual([]);
  });

  it("name the same parameters in both languages", () => {
    const params = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string))].filter((name) => name !== "count").sort().join();
    const different = [...english].flatMap(([namespace, words]) =>
      Object.entries(words).flatMap(([key, text]) => {
        const zh = chinese.get(namespace) ?? {};
        const other = zh[key] ?? zh[`${base(key)}_other`];
        return other !== undefined && params(other) !== params(text) ? [`${namespace}: ${key}`] : [];
      }),
    );
    expect(different).toEqual([]);
  });

  it("are there when the code asks for them", () => {
    const absent = sources.flatMap((source) => source.uses).filter(({ namespace, key }) => {
      const [named, rest] = key.includes(":") ? (key.split(":", 2) as [string, string]) : [namespace, key];
      return !FOREIGN_NAMESPACES.has(named) && !baseKeys(english.get(named) ?? {}).includes(base(rest));
    });
    expect(absent).toEqual([]);
  });

  it("are all used", () => {
    const unused = [...english].flatMap(([namespace, words]) => {
      const readers = sources.filter((source) => namespace === SHARED_NAMESPACE || source.literals.has(namespace));
      const used = (key: string) => readers.some((source) => source.literals.has(key) || source.templates.some((template) => template.test(key)));
      return baseKeys(words).filter((key) => !used(key)).map((key) => `${namespace}: ${key}`);
    });
    expect(unused).toEqual([]);
  });

  it("never stand in the code", () => {
    expect(sources.flatMap((source) => source.bare)).toEqual([]);
  });
});
