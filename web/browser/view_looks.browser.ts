import { describe, it } from "vitest";
import { text } from "../src/text";
import * as at from "./harness";

const NOTES = `## Before we go

- passports, **really**
- [the tickets](https://example.org/tickets)

> Ask Bob about the cat.`;

describe.each([
  ["phone", at.PHONE],
  ["tablet", at.TABLET],
  ["desktop", at.DESKTOP],
] as const)("on a %s", (device, viewport) => {
  it.each(["light", "dark"] as const)("the views and the whole editor are accessible and whole, %s", async (colorScheme) => {
    const page = await at.visit({
      viewport,
      colorScheme,
      hasTouch: device !== "desktop",
      reducedMotion: "reduce",
      timezoneId: "Europe/Zurich",
    });
    const look = (name: string) => at.look(page, `${device}-${colorScheme}-${name}`);
    await at.signUp(page, at.newPerson("Ada"));

    await page.getByLabel(text.newTask).fill("Pay rent every 1st at 9:00 #home !high");
    await page.getByRole("list", { name: text.understood }).waitFor();
    await look("20-quick-add");
    await page.keyboard.press("Enter");
    await at.row(page, "Pay rent").waitFor();
    await at.quickAdd(page, "Water the plants every mon, thu #home #garden", "Water the plants");
    await at.quickAdd(page, "Call the dentist today !urgent", "Call the dentist");
    await at.quickAdd(page, "Hand in the report 2026-01-05 !medium", "Hand in the report");
    await at.quickAdd(page, "Stretch every day at 23:59 !low", "Stretch");
    await at.quickAdd(page, "Pack for Lisbon tomorrow", "Pack for Lisbon");
    await at.edit(page, "Pack for Lisbon", { [text.notes]: NOTES });
    await at.row(page, "Pack for Lisbon").locator("a").filter({ hasText: "the tickets" }).waitFor();
    await look("21-inbox");

    await page.getByRole("button", { name: "Water the plants", exact: true }).click();
    await page.getByLabel(text.repeat, { exact: true }).selectOption("WEEKLY");
    await page.getByLabel(text.ends).selectOption("count");
    await page.getByText(text.moreFields, { exact: true }).click();
    await look("22-editor");
    await page.keyboard.press("Escape");

    await at.go(page, text.todayView);
    await at.row(page, "Hand in the report").waitFor();
    await look("23-today");
    await at.go(page, text.upcoming);
    await at.row(page, "Pack for Lisbon").waitFor();
    await look("24-upcoming");
    await at.go(page, "home");
    await at.row(page, "Pay rent").waitFor();
    await look("25-label");

    await page.keyboard.press("/");
    await page.getByLabel(text.search, { exact: true }).fill("passp");
    await at.row(page, "Pack for Lisbon").waitFor();
    await look("26-search");

    if (device === "phone") {
      await page.getByRole("button", { name: text.lists, exact: true }).click();
      await look("27-panel");
      await page.keyboard.press("Escape");
    }
    await at.go(page, text.inbox);
    await page.getByRole("button", { name: text.remove("Stretch") }).click();
    await page.getByRole("button", { name: text.undo }).waitFor();
    await at.go(page, text.trash);
    await page.getByRole("button", { name: text.purgeThis("Stretch") }).click();
    await page.getByRole("dialog").waitFor();
    await look("28-purge");
    await page.keyboard.press("Escape");

    await at.openAccount(page);
    await page.getByText(text.changeEmail, { exact: true }).first().click();
    await page.getByText(text.deleteAsk, { exact: true }).click();
    await look("29-account");
  });
});
