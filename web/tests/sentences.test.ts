/** What happened and what to do, told in one line: between Chinese sentences stands no space. */
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

vi.stubGlobal("localStorage", { getItem: () => "en", setItem: () => undefined });
vi.stubGlobal("document", { documentElement: {} });

describe("sentences", () => {
  let words: typeof import("@/i18n");
  beforeAll(async () => {
    words = await import("@/i18n");
  });
  afterEach(() => words.i18next.changeLanguage("en"));

  it("stand in one line, parted by a space in English and by nothing in Chinese", async () => {
    expect(words.inOneLine("It is empty.", "", "Fill it.")).toBe("It is empty. Fill it.");
    await words.i18next.changeLanguage("zh");
    expect(words.inOneLine("它是空的。", "", "请填写。")).toBe("它是空的。请填写。");
  });

  it("group counts, and numbers that are none of them not", async () => {
    for (const language of ["en", "zh"]) {
      await words.i18next.changeLanguage(language);
      expect(words.i18next.t("classes", { ns: "datasets", count: 2_000 })).toContain("2,000");
      expect(words.i18next.t("rule.kFold", { ns: "panels", fold: 1, folds: 5, how: "", seed: 2_024 })).toContain("2024");
    }
  });

  it("tell a problem whole", async () => {
    const problem = { code: "data.index_empty", params: { file: "a.csv" }, message: "", fix: "" };
    expect(words.problemLine(problem)).toMatch(/^a\.csv is empty; its first row should name the columns\. Write/);
    await words.i18next.changeLanguage("zh");
    expect(words.problemLine(problem)).toBe("a.csv 是空的；第一行应为列名。请在第一行写列名，之后每行写一个样本。");
  });
});
