/** Templates of problems: values, one and several, and the words of the screen for codes. */
import { describe, expect, it } from "vitest";

import { fillTemplate, isComplete } from "../src/i18n/fillTemplate";

const GAPS = "{rows} {rows:row has|rows have} no value";

describe("a template", () => {
  it("tells one from several", () => {
    expect([0, 1, 2].map((rows) => fillTemplate(GAPS, { rows }, "en"))).toEqual(["0 rows have no value", "1 row has no value", "2 rows have no value"]);
  });

  it("groups counts as the numbers of the interface are grouped, and nothing else", () => {
    for (const language of ["en", "zh"] as const) {
      expect([999, 9_986, 1_000_000].map((rows) => fillTemplate("{rows:,}", { rows }, language))).toEqual(["999", "9,986", "1,000,000"]);
      expect(fillTemplate("{rows:,}", { rows: "about 2000" }, language)).toBe("about 2000");
      expect(fillTemplate("line {line}", { line: 9_986 }, language)).toBe("line 9986");
    }
  });

  it("gives the screen's word for a code, or for each of several", () => {
    expect(fillTemplate("<{type:type}>", { type: "multi_label" }, "en")).toBe("<several classes>");
    expect(fillTemplate("<{type:type}>", { type: "numeric, text" }, "zh")).toBe("<数字、文本>");
    expect(fillTemplate("<{type:type}>", { type: "no such code" }, "en")).toBe("<no such code>");
  });

  it("is not complete when something that it names is not given", () => {
    expect(isComplete(GAPS, { rows: 0 })).toBe(true);
    expect(isComplete(GAPS, {})).toBe(false);
    expect(fillTemplate(GAPS, {}, "en")).toBe(GAPS);
  });
});
