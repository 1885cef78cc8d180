import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { text } from "../src/text";
import * as at from "./harness";

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const undo = (page: Page) => page.getByRole("button", { name: text.undo }).click();
const heading = (page: Page, name: string) => page.getByRole("heading", { name, exact: true });

describe("the views in the browser", () => {
  it("show what is due today and later, from all lists, and a task moves between them", async () => {
    const page = await at.visit({ viewport: at.DESKTOP, timezoneId: "Europe/Zurich" });
    await at.signUp(page, at.newPerson("Ada"));
    await at.makeList(page, "Errands");
    await at.quickAdd(page, "Buy bread today", "Buy bread");
    await at.quickAdd(page, "Hand in the report 2026-01-05", "Hand in the report");
    await at.quickAdd(page, "Pack tomorrow", "Pack");
    await at.quickAdd(page, "See the moon 2199-07-01", "See the moon");
    await at.add(page, "Some day");

    await at.go(page, text.todayView);
    await expect.poll(() => at.titles(page)).toEqual(["Hand in the report", "Buy bread"]);
    await heading(page, text.overdueTitle).waitFor();
    await at.row(page, "Buy bread").getByText(text.inList("Errands")).waitFor();
    await at.add(page, "Call Bob");
    await page.getByLabel(text.newTask).fill("Call Eve tomorrow");
    await page.keyboard.press("Enter");
    await page.getByText(text.addedFor("Call Eve", text.tomorrow)).waitFor();

    await at.go(page, text.upcoming);
    await expect.poll(() => at.titles(page)).toEqual(["Pack", "Call Eve", "See the moon"]);
    await heading(page, text.tomorrowTitle).waitFor();
    await heading(page, "July 2199").waitFor();
    await at.edit(page, "Pack", { [text.dueDate]: await at.today(page) });
    await at.row(page, "Pack").waitFor({ state: "detached" });
    await at.go(page, text.todayView);
    await at.tick(page, "Pack").click();
    await page.getByText(text.saved).waitFor();
    await expect.poll(() => at.tick(page, "Pack").isChecked()).toBe(true);
  });

  it("show a label, which is renamed, taken off all tasks and brought back", async () => {
    const page = await at.visit({ viewport: at.DESKTOP });
    await at.signUp(page, at.newPerson("Ada"));
    await at.quickAdd(page, "Buy bread #shop", "Buy bread");
    await at.quickAdd(page, "Buy paint #shop #home", "Buy paint");
    await at.add(page, "Read");
    await at.go(page, "shop");
    await expect.poll(() => at.titles(page)).toEqual(["Buy bread", "Buy paint"]);
    await at.add(page, "Buy screws");

    await button(page, text.rename("shop")).click();
    await page.getByLabel(text.labelName).fill("in town / shops");
    await page.keyboard.press("Enter");
    await heading(page, "in town / shops").waitFor();
    await expect.poll(() => at.titles(page)).toEqual(["Buy bread", "Buy paint", "Buy screws"]);

    await button(page, text.removeLabel("in town / shops")).click();
    await heading(page, text.inbox).waitFor();
    await at.listLink(page, "in town / shops").waitFor({ state: "detached" });
    await undo(page);
    await heading(page, "in town / shops").waitFor();
    await expect.poll(() => at.titles(page)).toEqual(["Buy bread", "Buy paint", "Buy screws"]);
  });

  it("find tasks as words are typed, and the key that leads there can be turned off", async () => {
    const page = await at.visit({ viewport: at.DESKTOP });
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread", "Call the dentist");
    await at.edit(page, "Call the dentist", { [text.notes]: "About the **invoice** of last year" });
    await button(page, "Buy bread").focus();
    await page.keyboard.press("/");
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("search-input");
    await page.keyboard.type("invoi");
    const row = at.row(page, "Call the dentist");
    await row.locator("mark").getByText("invoi").waitFor();
    await page.getByText(text.found(1, false)).waitFor();
    await at.tick(page, "Call the dentist").click();
    await page.locator(".undo-text").waitFor();
    await expect.poll(() => at.tick(page, "Call the dentist").isChecked()).toBe(true);

    await page.reload();
    await row.waitFor();
    await page.getByLabel(text.search, { exact: true }).fill("nothing like it");
    await page.getByText(text.foundNone("nothing like it")).waitFor();

    await at.openAccount(page);
    await page.getByLabel(text.shortcuts).uncheck();
    await page.getByRole("link", { name: text.backToTasks }).click();
    await heading(page, text.inbox).waitFor();
    await page.keyboard.press("/");
    await heading(page, text.inbox).waitFor();
  });
});

describe("the trash in the browser", () => {
  it("drops one thing, or all, for good, and asks before", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "one", "two", "three");
    for (const title of ["one", "two", "three"]) {
      await page.getByRole("button", { name: text.remove(title) }).click();
      await at.row(page, title).waitFor({ state: "detached" });
    }
    await at.go(page, text.trash);
    await button(page, text.purgeThis("two")).click();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await expect.poll(() => page.locator(".trashed-title").allTextContents()).toEqual(["three", "two", "one"]);
    await button(page, text.purgeThis("two")).click();
    await button(page, text.purge).click();
    await page.getByText(text.purged("two")).waitFor();
    await expect.poll(() => page.locator(".trashed-title").allTextContents()).toEqual(["three", "one"]);

    await button(page, text.emptyTrash).click();
    await page.getByRole("dialog").getByRole("button", { name: text.emptyTrash }).click();
    await page.getByText(text.emptied(2)).waitFor();
    await page.getByText(text.trashEmpty).waitFor();
  });
});

describe("what people write in the browser", () => {
  it("is Markdown in notes, and never a script, a picture or a form", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Mallory"));
    await at.add(page, "Read");
    const notes = [
      "**bold** and [a link](https://example.org/x) and [bad](javascript:alert(1)) and [worse](data:text/html,x)",
      "![a picture](https://example.org/p.png)",
      "<img src=x onerror=alert(2)><script>alert(3)</script><form action=//example.org><style>*{display:none}</style>",
      "- [x] ticked",
      "# Title",
    ].join("\n\n");
    await at.edit(page, "Read", { [text.notes]: notes });
    const shown = page.locator(".task-notes");
    await shown.locator("strong").getByText("bold").waitFor();
    await page.getByRole("button", { name: text.showAllNotes }).click();
    expect(await shown.locator("img, script, form, style, h1, input").count()).toBe(0);
    const links = await shown.locator("a").evaluateAll((links) => links.map((link) => [link.getAttribute("href"), (link as HTMLAnchorElement).rel]));
    expect(links.filter(([href]) => href !== null)).toEqual([["https://example.org/x", "noopener noreferrer nofollow"]]);
    await shown.getByText("<img src=x onerror=alert(2)>").waitFor();
    await at.look(page, "phone-light-30-notes");
  });

  it("does nothing in any field", async () => {
    const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script>`;
    const page = await at.visit({ viewport: at.DESKTOP });
    await at.signUp(page, { ...at.newPerson("Mallory"), name: hostile });
    await at.makeList(page, hostile);
    await at.add(page, hostile);
    await button(page, hostile).click();
    await page.getByLabel(text.labels).fill(`${hostile},`);
    await page.getByLabel(text.dueDate).fill("2030-01-01");
    await button(page, text.addPart).click();
    await page.getByLabel(text.newPart(hostile)).fill(`${hostile} too`);
    await page.keyboard.press("Enter");
    await at.row(page, `${hostile} too`).waitFor();
    await page.keyboard.press("Escape");
    await at.row(page, hostile).locator(".badge").waitFor();
    await at.go(page, text.upcoming);
    await at.row(page, hostile).waitFor();
    await at.row(page, hostile).locator(".badge").click();
    await heading(page, hostile).waitFor();
    await page.goto(`/#search/${encodeURIComponent(hostile.slice(2, 30))}`);
    await page.locator("#search-input").waitFor();
    await page.getByText(text.found(2, false)).or(page.getByText(text.found(0, false))).waitFor();
    expect(await page.locator("#app img, #app script").count()).toBe(0);
  });

  it("does nothing in any address", async () => {
    const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script>`;
    const page = await at.visit();
    const harmless = async (path: string) => {
      // Another page first: a new part after # alone loads nothing.
      await page.goto("about:blank");
      await page.goto(path);
      await page.locator("main:not([aria-busy])").waitFor();
      expect(await page.locator("#app img, #app script, body > script").count(), path).toBe(0);
    };
    const parts = [hostile, encodeURIComponent(hostile), "javascript:alert(3)"];
    for (const part of parts) {
      for (const path of ["/#", "/#deleted/", "/verify#code=", "/reset#code=", "/?", "/lists/"]) await harmless(`${path}${part}`);
    }
    await page.goto("/");
    await at.signUp(page, at.newPerson("Mallory"));
    for (const part of parts) {
      for (const path of ["/#", "/#list/", "/#label/", "/#search/", "/?next="]) await harmless(`${path}${part}`);
    }
    at.forgive(/^request to about:blank/);
  });
});
