import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { reasonText, text } from "../src/text";
import * as at from "./harness";

const region = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

async function saved(page: Page, press: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), press()]);
  return await readFile(await download.path(), "utf8");
}

describe("what goes in and out in the browser", () => {
  it("is all tasks as a file, which another person can bring in", async () => {
    const page = await at.visit({ acceptDownloads: true });
    await at.signUp(page, at.newPerson("Ada"));
    await at.quickAdd(page, "Pay rent every 1st #home !high", "Pay rent");
    await at.add(page, "Buy bread");
    await at.openAccount(page);
    const out = region(page, text.exportTasks);
    const file = await saved(page, () => out.getByRole("button").click());
    expect(JSON.stringify(JSON.parse(file))).toContain("FREQ=MONTHLY;BYMONTHDAY=1");
    await out.getByText(/^Saved as tandem-tasks-.*\.json$/).waitFor();
    await out.getByLabel(text.format).selectOption({ label: text.formats.CSV });
    expect(await saved(page, () => out.getByRole("button").click())).toContain("Buy bread");

    const other = await at.visit();
    await at.signUp(other, at.newPerson("Grace"));
    await at.openAccount(other);
    const into = region(other, text.importTasks);
    await into.getByRole("button", { name: text.checkFile }).click();
    await into.getByText(text.noFile).waitFor();
    await into.getByLabel(text.file).setInputFiles({ name: "all.json", mimeType: "application/json", buffer: Buffer.from(file) });
    await into.getByRole("button", { name: text.checkFile }).click();
    await into.getByText(text.wouldDo(2, 0, 0)).waitFor();
    await at.look(other, "phone-light-41-import");
    await into.getByRole("button", { name: text.importNow }).click();
    await into.getByText(text.didDo(2, 0, 0)).waitFor();
    await other.getByRole("link", { name: text.backToTasks }).click();
    await at.row(other, "Pay rent").getByText("Every month on the 1st").waitFor();
    await at.row(other, "Buy bread").waitFor();
  });

  it("says of a table which rows it cannot read", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.openAccount(page);
    const into = region(page, text.importTasks);
    const table = Buffer.from(`title,due_date\nBuy bread,2026-12-01\n${"x".repeat(501)},\n`);
    await into.getByLabel(text.file).setInputFiles({ name: "list.csv", mimeType: "text/csv", buffer: table });
    await into.getByRole("button", { name: text.checkFile }).click();
    await into.getByText(text.leftOut(1)).waitFor();
    await into.getByLabel(text.file).setInputFiles({ name: "list.json", mimeType: "text/json", buffer: Buffer.from("no json") });
    await into.getByRole("button", { name: text.checkFile }).click();
    await into.locator(".notice-bad").waitFor();
  });

  it("is everything that is known of the person", async () => {
    const ada = at.newPerson("Ada");
    const page = await at.visit({ acceptDownloads: true });
    await at.signUp(page, ada);
    await at.openAccount(page);
    const file = await saved(page, () => page.getByRole("button", { name: text.exportUser }).click());
    expect(JSON.parse(file)[0].user.email).toBe(ada.email);
    expect(file).toContain("securityEvent");
  });
});

describe("the person's email in the browser", () => {
  it("is changed for the right password, by a mail to the new address", async () => {
    const ada = at.newPerson("Ada");
    const page = await at.visit();
    await at.signUp(page, ada);
    await at.openAccount(page);
    const email = region(page, text.email);
    await email.getByText(text.notConfirmed).waitFor();
    await email.getByText(text.changeEmail, { exact: true }).first().click();
    const next = at.newPerson("Ada").email;
    await page.getByLabel(text.newEmail).fill(next);
    await page.locator("[name=email_password]").fill("not the password");
    await email.getByRole("button", { name: text.changeEmail }).click();
    await email.getByText(reasonText.PASSWORD_WRONG).waitFor();
    await page.locator("[name=email_password]").fill(ada.password);
    await email.getByRole("button", { name: text.changeEmail }).click();
    await email.getByText(text.emailAsked(next)).waitFor();
    await email.getByRole("button", { name: text.sendConfirmation }).click();
    await email.getByText(text.confirmationSent).waitFor();
  });
});
