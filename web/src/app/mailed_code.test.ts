import { describe, expect, it } from "vitest";
import { codeIn } from "./mailed_code";

describe("the code in a link", () => {
  it.each([
    ["#code=abcd-1234", "abcd-1234"],
    ["#other=1&code=x", "x"],
    ["#open", ""],
    ["", ""],
  ])("of %j is %j", (hash, code) => {
    expect(codeIn(hash)).toBe(code);
  });
});
