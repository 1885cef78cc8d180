// The two pictures of the README, drawn anew on demand alone: `just pictures`.

import { mkdirSync, statSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { text } from "../src/text";
import * as at from "./harness";

const folder = new URL("../../docs/pictures/", import.meta.url).pathname;
const MOST_BYTES = 120 * 1024;

const NOTES = `- windows and shutters closed
- water turned off
- keys to the **neighbours**`;

async function draw(page: Page, name: string): Promise<void> {
  const path = `${folder}${name}.png`;
  await page.mouse.move(0, 0);
  await page.screenshot({ path, animations: "disabled" });
  expect(statSync(path).size).toBeLessThan(MOST_BYTES);
}

async function withLists(page: Page, ...lists: string[]): Promise<void> {
  for (const list of lists) {
    const menu = page.getByRole("button", { name: text.lists, exact: true });
    if (await menu.isVisible()) await menu.click();
    await at.makeList(page, list);
  }
}

it.runIf(process.env["TANDEM_PICTURES"])("the pictures of the README are drawn", async () => {
  mkdirSync(folder, { recursive: true });
  const me = { ...at.newPerson("Me"), name: "Me" };
  const desk = await at.visit({ viewport: { width: 1280, height: 1040 }, reducedMotion: "reduce" });
  await at.signUp(desk, me);
  await withLists(desk, "Household", "Garden", "Summer trip");
  await at.go(desk, "Garden");
  await at.quickAdd(desk, "Water the tomatoes every day at 19:00", "Water the tomatoes");
  await at.quickAdd(desk, "Order seeds for autumn today #errands", "Order seeds for autumn");
  await at.go(desk, "Household");
  await at.quickAdd(desk, "Pay the rent every 1st at 9:00 !high", "Pay the rent");
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  await at.quickAdd(desk, `Take the glass away ${yesterday} #errands`, "Take the glass away");
  await at.quickAdd(desk, "Descale the kettle today", "Descale the kettle");
  await at.go(desk, "Summer trip");
  await at.quickAdd(desk, "Book the night train today !urgent", "Book the night train");
  await at.quickAdd(desk, "Look for the travel adapters #errands", "Look for the travel adapters");
  await at.quickAdd(desk, "Leave the house in order in 5 days #errands !medium", "Leave the house in order");
  await at.quickAdd(desk, "Pack in 4 days", "Pack");
  await at.edit(desk, "Leave the house in order", { [text.notes]: NOTES });
  await at.row(desk, "Leave the house in order").locator("strong").waitFor();
  await desk.getByRole("button", { name: "Look for the travel adapters", exact: true }).click();
  await draw(desk, "desktop");
  await desk.keyboard.press("Escape");

  const phone = await at.visit({ viewport: at.PHONE, hasTouch: true, reducedMotion: "reduce" });
  await at.signIn(phone, me);
  await at.go(phone, text.todayView);
  await at.row(phone, "Water the tomatoes").waitFor();
  await draw(phone, "phone");
});
