// More tasks than anybody looks at: only those near the screen are drawn, and nobody notices.

import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { text } from "../src/text";
import * as at from "./harness";
import { drag } from "./harness_drag";
import { phoneFactor, room } from "./processor";

const COUNT = 5_000;
const MOST_DRAWN = 80;
/** Machines that test are slow and do other things; a list that is drawn whole takes seconds. */
const LONGEST_TASK_MILLIS = 700;
const NEAR_PIXELS = 250;
const name = (number: number) => `Task ${number} of many`;

const title = (page: Page, number: number) => page.getByRole("button", { name: name(number), exact: true });
const top = (page: Page, number: number) => title(page, number).evaluate((row) => row.getBoundingClientRect().top);
const drawn = (page: Page) => page.locator(".task").count();
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? "");
const isSeen = (page: Page, number: number) =>
  title(page, number).evaluate((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });

async function withMany(options: Parameters<typeof at.visit>[0]): Promise<Page> {
  const page = await at.visit(options);
  await at.signUp(page, at.newPerson("Ada"));
  await at.bringIn(
    page,
    Array.from({ length: COUNT }, (_, index) => name(index + 1)),
  );
  // The feed tells of them one part after the other.
  await at.listLink(page, text.inbox).getByText(String(COUNT), { exact: true }).waitFor({ state: "attached" });
  return page;
}

describe("5,000 tasks", () => {
  it("are all reached by scrolling and by keyboard, while few are drawn", async () => {
    const page = await withMany({ viewport: at.DESKTOP, reducedMotion: "reduce" });
    expect(await drawn(page)).toBeLessThan(MOST_DRAWN);
    const first = at.row(page, name(1));
    expect(await first.getAttribute("aria-posinset")).toBe("1");
    expect(await first.getAttribute("aria-setsize")).toBe(String(COUNT));
    await at.look(page, "many-1-first", { fullPage: false });

    await page.keyboard.press("Control+f");
    await page.getByText(text.findNearOnly).waitFor();
    await at.look(page, "many-1-find", { fullPage: false });
    await page.getByRole("button", { name: text.dismiss, exact: true }).click();
    await page.getByText(text.findNearOnly).waitFor({ state: "detached" });

    const toEnd = () => page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await expect.poll(() => toEnd().then(() => title(page, COUNT).isVisible())).toBe(true);
    expect(await drawn(page)).toBeLessThan(MOST_DRAWN);
    expect(await at.row(page, name(COUNT)).getAttribute("aria-posinset")).toBe(String(COUNT));
    await at.look(page, "many-2-last", { fullPage: false });

    await page.evaluate(() => scrollTo(0, 0));
    await title(page, 1).focus();
    await page.keyboard.press("End");
    await expect.poll(() => focused(page)).toBe(name(COUNT));
    await expect.poll(() => isSeen(page, COUNT)).toBe(true);
    await page.keyboard.press("ArrowUp");
    await expect.poll(() => focused(page)).toBe(name(COUNT - 1));
    await page.keyboard.press("Home");
    await expect.poll(() => focused(page)).toBe(name(1));
    for (let next = 2; next <= 40; next += 1) {
      await page.keyboard.press("ArrowDown");
      await expect.poll(() => focused(page)).toBe(name(next));
    }
    await expect.poll(() => isSeen(page, 40)).toBe(true);
  });

  it("keep the focus and the place on the screen, are edited, moved and added to where they stand", async () => {
    const page = await withMany({ viewport: at.PHONE, hasTouch: true, reducedMotion: "reduce" });
    await title(page, 3).focus();
    await page.evaluate(() => scrollTo(0, 60_000));
    await expect.poll(() => isSeen(page, 3).catch(() => true)).toBe(false);
    expect(await focused(page)).toBe(name(3));
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => focused(page)).toBe(name(4));
    await expect.poll(() => isSeen(page, 4)).toBe(true);

    await page.evaluate(() => scrollTo(0, 100_000));
    const amid = () =>
      page.evaluate(() => {
        const row = document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest(".task");
        return Number(/Task (\d+)/.exec(row?.textContent ?? "")?.[1] ?? 0);
      });
    await expect.poll(amid).toBeGreaterThan(1_000);
    const middle = await amid();
    const before = await top(page, middle);
    await title(page, middle).click();
    await page.getByLabel(text.notes).fill("by the way");
    await page.getByRole("button", { name: text.cancel, exact: true }).click();
    await page.getByLabel(text.editTitle).waitFor({ state: "detached" });
    // The editor's buttons had to be brought up; the place in the list is the same.
    await expect.poll(async () => Math.abs((await top(page, middle)) - before)).toBeLessThan(NEAR_PIXELS);
    expect(await focused(page)).toBe(name(middle));

    await page.keyboard.press("Alt+ArrowDown");
    await page.getByText(text.moved(name(middle), middle + 1, COUNT)).waitFor({ state: "attached" });
    expect(await focused(page)).toBe(name(middle));
    // What the service says of the move draws the list anew, under the finger otherwise.
    await page.getByText(text.saved).waitFor();
    await drag(page, at.row(page, name(middle)), at.row(page, name(middle + 3)), { touch: true });
    await page.getByText(text.moved(name(middle), middle + 3, COUNT)).waitFor({ state: "attached" });

    await at.add(page, "The newest of all");
    await expect
      .poll(() => at.row(page, "The newest of all").evaluate((row) => row.getBoundingClientRect().bottom <= innerHeight))
      .toBe(true);
    expect(await drawn(page)).toBeLessThan(MOST_DRAWN);
  });

  it("scroll without a long stop", async () => {
    const page = await withMany({ viewport: at.PHONE });
    const figures = await page.evaluate(async () => {
      const long: number[] = [];
      const observer = new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)));
      observer.observe({ type: "longtask" });
      const frames: number[] = [];
      let last = performance.now();
      for (let step = 0; step < 120; step += 1) {
        scrollBy(0, 400);
        await new Promise(requestAnimationFrame);
        frames.push(performance.now() - last);
        last = performance.now();
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
      observer.disconnect();
      frames.sort((a, b) => a - b);
      return {
        longTasks: long.length,
        longestTaskMillis: Math.max(0, ...long),
        medianFrameMillis: frames[60] ?? 0,
        slowestFrameMillis: frames.at(-1) ?? 0,
        scrolledPixels: scrollY,
      };
    });
    at.note("many-scrolling", figures);
    expect(figures.scrolledPixels).toBeGreaterThan(40_000);
    const { index } = await phoneFactor(await at.visit());
    expect(figures.longestTaskMillis).toBeLessThan(LONGEST_TASK_MILLIS * room(index));
  });
});
