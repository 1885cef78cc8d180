import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { eventText, reasonText, text } from "../src/text";
import * as at from "./harness";

const region = (page: Page, name: string) => page.getByRole("region", { name });
const sessions = (page: Page) => region(page, text.sessions).getByRole("listitem");
const events = (page: Page) => region(page, text.events).getByRole("listitem");

/** So long it may take until a page knows that its session was ended elsewhere. */
const SECONDS = 5;

/** The person in a browser of their own, and in another one. */
async function twice(person: at.Person): Promise<[Page, Page]> {
  const here = await at.visit();
  await at.signUp(here, person);
  const there = await at.visit();
  await at.signIn(there, person);
  await at.add(there, "Buy bread");
  await at.openAccount(here);
  await expect.poll(() => sessions(here).count()).toBe(2);
  return [here, there];
}

/** Nothing is done there: the stream of changes ends with the session, and the page finds out, and keeps nothing. */
async function isOut(page: Page): Promise<void> {
  await page.getByText(text.sessionEnded).waitFor({ timeout: SECONDS * 1_000 });
  await page.getByRole("heading", { name: text.signInTitle }).waitFor();
  expect(await at.titles(page)).toEqual([]);
  const kept = () => page.evaluate(async () => [(await indexedDB.databases()).length, localStorage.getItem("tandem.person")]);
  await expect.poll(kept).toEqual([0, null]);
}

async function changePassword(page: Page, current: string, next: string): Promise<void> {
  await page.getByRole("textbox", { name: text.currentPassword }).fill(current);
  await page.getByRole("textbox", { name: text.newPassword }).fill(next);
  await page.getByRole("button", { name: text.changePassword }).click();
}

describe("the person's own account in the browser", () => {
  it("shows who they are, and takes another name at once", async () => {
    const ada = at.newPerson("Ada");
    const page = await at.visit();
    await at.signUp(page, ada);
    await at.openAccount(page);
    await region(page, text.email).getByText(ada.email).waitFor();

    await page.getByLabel(text.displayName).fill("Ada King");
    await page.keyboard.press("Enter");
    await page.getByText(text.savedName).waitFor();
    await page.getByRole("link", { name: "Ada King" }).waitFor();
    await events(page).filter({ hasText: eventText.PROFILE_CHANGED }).waitFor();

    await page.reload();
    await page.getByRole("link", { name: "Ada King" }).waitFor();
    await page.getByRole("heading", { name: text.accountTitle }).waitFor();
  });

  it("tells this device from the others, and ends one of them", async () => {
    const [here, there] = await twice(at.newPerson("Ada"));
    const own = sessions(here).filter({ hasText: text.thisDevice });
    expect(await own.count()).toBe(1);
    expect(await own.getByRole("button").count()).toBe(0);

    await sessions(here).getByRole("button").click();
    await expect.poll(() => sessions(here).count()).toBe(1);
    await own.waitFor();
    await events(here).filter({ hasText: eventText.SESSION_REVOKED }).waitFor();
    // The button is gone, and whoever uses a keyboard is still in the same place.
    expect(await here.evaluate(() => document.activeElement?.textContent)).toBe(text.sessions);

    await isOut(there);
    at.forgive(at.NETWORK);
  });

  it("ends all others at once", async () => {
    const [here, there] = await twice(at.newPerson("Ada"));
    await here.getByRole("button", { name: text.endOthers }).click();
    await here.getByText(text.endedOthers(1)).waitFor();
    await expect.poll(() => sessions(here).count()).toBe(1);
    expect(await here.getByRole("button", { name: text.endOthers }).count()).toBe(0);
    await isOut(there);
    at.forgive(at.NETWORK);
  });

  it("changes the password for the right one, and ends the other sessions", async () => {
    const ada = at.newPerson("Ada");
    const [here, there] = await twice(ada);
    await changePassword(here, "not the password", "short");
    await here.locator("[name=new_password][aria-invalid=true]").waitFor();
    await changePassword(here, "not the password", "seven quiet rivers under ice");
    await here.getByText(reasonText.PASSWORD_WRONG).waitFor();
    const current = here.locator("[name=current_password]");
    expect(await current.getAttribute("aria-invalid")).toBe("true");
    await expect.poll(() => current.evaluate((input) => input === document.activeElement)).toBe(true);

    await changePassword(here, ada.password, "seven quiet rivers under ice");
    await here.getByText(text.passwordChanged).waitFor();
    await expect.poll(() => sessions(here).count()).toBe(1);
    expect(await current.inputValue()).toBe("");
    await isOut(there);
    await at.signIn(there, { ...ada, password: "seven quiet rivers under ice" });
    at.forgive(at.NETWORK);
  });

  it("is left by signing out", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.openAccount(page);
    await at.signOut(page);
  });

  it("takes the code of a mailed link out of the address", async () => {
    for (const [path, title] of [
      ["/verify", text.verifyTitle],
      ["/reset", text.resetTitle],
    ] as const) {
      const page = await at.visit();
      await page.goto(`${path}#code=AAAA-BBBB`);
      await page.getByRole("heading", { name: title }).waitFor();
      expect(await page.getByLabel(text.code).inputValue()).toBe("AAAA-BBBB");
      await expect.poll(() => new URL(page.url()).hash).toBe("");
      await at.look(page, `phone-light${path.replace("/", "-")}`);
    }
  });
});
