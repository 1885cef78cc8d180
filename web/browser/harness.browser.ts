import { describe, expect, it } from "vitest";
import * as at from "./harness";

/** The checks that every other test relies on must be able to fail. */
describe("the harness", () => {
  it("notices an inline script, which the page policy stops", async () => {
    const page = await at.visit();
    const ran = await page.evaluate(() => {
      const script = document.createElement("script");
      // A text node is no way around either: the script is looked at again when it is to run.
      script.append("window.ran = true");
      document.head.append(script);
      return "ran" in window;
    });
    expect(ran).toBe(false);
    await expect.poll(() => at.forgive(/page policy: (script-src|require-trusted-types-for)/)).not.toEqual([]);
    await expect.poll(() => at.forgive(/inline script|Trusted/)).not.toEqual([]);
  });

  it("notices text that is to become elements without having been looked at", async () => {
    const page = await at.visit();
    const refused = await page.evaluate(() => {
      try {
        document.body.innerHTML = "<b>bold</b>";
        return "";
      } catch (error) {
        return String(error);
      }
    });
    expect(refused).toContain("TrustedHTML");
    await expect.poll(() => at.forgive(/page policy: require-trusted-types-for/)).toHaveLength(1);
    await expect.poll(() => at.forgive(/TrustedHTML/)).not.toEqual([]);
  });

  it("notices an error in the console and one that nobody caught", async () => {
    const page = await at.visit();
    await page.evaluate(() => {
      console.error("oops");
      setTimeout(() => {
        throw new Error("ouch");
      });
    });
    await expect.poll(() => at.forgive(/oops/)).toHaveLength(1);
    await expect.poll(() => at.forgive(/ouch/)).toHaveLength(1);
  });

  it("notices a call to another origin", async () => {
    const page = await at.visit();
    await page.evaluate(() => fetch("http://127.0.0.1:1/").catch(() => undefined));
    // Chromium says it twice, and the page once more.
    await expect.poll(() => at.forgive(/page policy: connect-src/)).toHaveLength(1);
    await expect.poll(() => at.forgive(/Fetch API cannot load/)).toHaveLength(1);
    await expect.poll(() => at.forgive(/violates the following Content Security Policy/)).toHaveLength(1);
  });

  it("notices a button without a name, and what sticks out at the side", async () => {
    const page = await at.visit();
    await page.evaluate(() => document.querySelector("main")?.append(document.createElement("button")));
    await expect(at.look(page, "harness")).rejects.toThrow("accessibility");
    await page.evaluate(() => {
      const wide = document.createElement("pre");
      wide.textContent = "x".repeat(500);
      document.body.append(wide);
    });
    await expect(at.look(page, "harness")).rejects.toThrow("right edge");
  });

  it("notices buttons that are too small and too close for a finger", async () => {
    const page = await at.visit();
    await page.evaluate(() => {
      const line = document.createElement("div");
      for (const name of ["1", "2"]) {
        const button = document.createElement("button");
        button.textContent = name;
        Object.assign(button.style, { padding: "0", border: "0", width: "12px", height: "12px" });
        line.append(button);
      }
      document.querySelector("main")?.append(line);
    });
    await expect(at.look(page, "harness")).rejects.toThrow("accessibility");
  });

  it("notices what moves for somebody who wants no motion", async () => {
    const page = await at.visit({ reducedMotion: "reduce" });
    await page.evaluate(() => document.querySelector("main")?.style.setProperty("transition", "opacity 1s"));
    await expect(at.look(page, "harness")).rejects.toThrow("motion");
  });
});
