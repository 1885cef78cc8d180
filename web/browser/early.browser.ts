// The page before its scripts: what the build draws into it is what the app draws, and nothing done to it is lost.

import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { text } from "../src/text";
import * as at from "./harness";

/** The scripts of the app, and not the one that runs before anything is drawn. */
const SCRIPTS = /\/assets\/index-[^/]*\.js$/;

/** A tab that has its page, and no scripts until `go` is called and resolves. */
async function held(open: (hold: (page: Page) => Promise<void>) => Promise<Page>) {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let visiting: Promise<Page> | undefined;
  const page = await new Promise<Page>((resolve) => {
    visiting = open(async (page) => {
      await page.route(SCRIPTS, async (route) => released.then(() => route.continue()));
      resolve(page);
    });
  });
  const go = async () => {
    release();
    await visiting;
    await page.waitForFunction(() => performance.getEntriesByName("tandem.drawn").length > 0);
  };
  return { page, go };
}
const drawnOver = (page: Page) => page.locator("#app").evaluate((app) => app.innerHTML);

it("shows a new visitor the form, which the app takes over as it is", async () => {
  const { page, go } = await held((hold) => at.visit({}, hold));
  await page.getByRole("heading", { name: text.signInTitle }).waitFor();
  await at.look(page, "before-scripts");
  const before = await drawnOver(page);
  const field = page.getByLabel(text.email);
  await field.focus();
  await page.keyboard.type("ada@exa");
  const first = await field.elementHandle();
  await go();
  await page.keyboard.type("mple.org");
  expect(await field.inputValue()).toBe("ada@example.org");
  expect(await field.evaluate((now, before) => now === before, first)).toBe(true);
  expect(await drawnOver(page)).toBe(before);
});

it("hears of a press of the button that came before the scripts", async () => {
  const ada = at.newPerson("Ada");
  const desk = await at.visit();
  await at.signUp(desk, ada);
  const { page, go } = await held((hold) => at.visit({}, hold));
  await at.fillCredentials(page, ada);
  await page.getByRole("button", { name: text.signIn }).click();
  expect(new URL(page.url()).search, "nothing of it may get into an address").toBe("");
  await go();
  await page.getByLabel(text.newTask).waitFor();
});

it("keeps what was typed when another form was asked for before the scripts came", async () => {
  for (const [link, title] of [
    [text.signUp, text.signUpTitle],
    [text.forgot, text.forgotTitle],
  ] as const) {
    const { page, go } = await held((hold) => at.visit({}, hold));
    const sent: string[] = [];
    page.on("request", (request) => sent.push(...(/Sign(In|Up)$/.exec(request.url()) ?? []).slice(0, 1)));
    const fields = [page.getByLabel(text.email), page.getByLabel(text.password, { exact: true })];
    for (const field of fields) await field.fill("ada@example.org");
    await page.getByRole("button", { name: text.signIn }).click();
    await page.getByRole("link", { name: link }).click();
    await go();
    await page.getByRole("heading", { name: title }).waitFor();
    expect(await page.getByLabel(text.email).inputValue()).toBe("ada@example.org");
    await page.goBack();
    await page.getByRole("heading", { name: text.signInTitle }).waitFor();
    for (const field of fields) expect(await field.inputValue()).toBe("ada@example.org");
    // What would be sent is sent once the services' part has come.
    await page.waitForLoadState("networkidle");
    expect(sent, "the button was that of a form that is not shown any more").toEqual([]);
  }
});

it("never shows the sign-in to somebody who was here before", async () => {
  const desk = await at.visit();
  await at.signUp(desk, at.newPerson("Ada"));
  const { page, go } = await held((hold) => at.openTab(desk.context(), hold));
  await page.getByText(text.starting).waitFor();
  expect(await page.getByRole("heading", { name: text.signInTitle }).isVisible()).toBe(false);
  await at.look(page, "before-scripts-again");
  await go();
  await page.getByLabel(text.newTask).waitFor();
});
