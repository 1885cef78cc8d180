// A real Chromium, and people in it. Every page is watched: an error in its console, a broken page policy or a request
// to anywhere but the system under test fails the test that opened it.

import { mkdirSync, writeFileSync } from "node:fs";
import axe from "axe-core";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { text } from "../src/text";

export const address = process.env["TANDEM_WEB_URL"] ?? "http://127.0.0.1:8080";
const executablePath = process.env["TANDEM_CHROMIUM"] ?? "/usr/bin/chromium";
const pictures = new URL("../test-results/", import.meta.url).pathname;

export const PHONE = { width: 390, height: 844 };
export const TABLET = { width: 820, height: 1180 };
export const DESKTOP = { width: 1280, height: 800 };

let browser: Browser;
let troubles: string[] = [];

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  browser = await chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});

afterAll(async () => await browser.close());

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await tellPages();
  for (const context of browser.contexts()) await context.close();
  const found = troubles;
  troubles = [];
  expect(found, "what the browser complained of").toEqual([]);
});

/** What every page shows, for whoever has nothing but the log of a test that failed. */
async function tellPages(): Promise<void> {
  for (const page of browser.contexts().flatMap((context) => context.pages())) {
    const shown = await page.locator("body").innerText({ timeout: 1_000 }).catch(String);
    console.error(`${page.url()} showed:\n${shown}`);
  }
}

/** What is done to a tab before it goes anywhere. */
type Prepare = (page: Page) => Promise<void>;

/** A browser of its own, with its own cookies: nothing is shared with any other. */
export async function visit(options: BrowserContextOptions = {}, prepare?: Prepare): Promise<Page> {
  const context = await browser.newContext({ viewport: PHONE, baseURL: address, ...options });
  context.setDefaultTimeout(20_000);
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`page policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return await openTab(context, prepare);
}

/** One more tab of the browser that `context` is. */
export async function openTab(
  context: Pick<ReturnType<Page["context"]>, "newPage">,
  prepare: Prepare = async () => undefined,
): Promise<Page> {
  const page = await context.newPage();
  await prepare(page);
  page.on("console", (message) => {
    if (message.type() === "error") troubles.push(message.text());
  });
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("dialog", (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(address).origin) troubles.push(`request to ${request.url()}`);
  });
  await page.goto("/");
  await page.locator("main:not([aria-busy])").waitFor();
  return page;
}

/** Whatever the browser keeps is kept a fifth of a second later. */
export const slowDisk: Prepare = async (page) => {
  await page.addInitScript(() => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...thing) {
      const until = performance.now() + 200;
      const again = () => {
        // A transaction stays open while it is asked for something.
        if (performance.now() < until) this.count().onsuccess = again;
      };
      again();
      return put.apply(this, thing);
    };
  });
};

/** For tests that make trouble on purpose: takes away what fits, and returns it. */
export function forgive(expected: RegExp): string[] {
  const forgiven = troubles.filter((trouble) => expected.test(trouble));
  troubles = troubles.filter((trouble) => !expected.test(trouble));
  return forgiven;
}

/** Chromium reports each request that failed in the console. */
export const NETWORK = /^Failed to load resource/;

/** Keeps what was measured beside the pictures, and says it. */
export function note(name: string, figures: Readonly<Record<string, number>>): void {
  const rounded = Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, Math.round(value)]));
  writeFileSync(`${pictures}${name}.json`, `${JSON.stringify(rounded, null, 2)}\n`);
  console.log(name, rounded);
}

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** Somebody who has never been here. */
export function newPerson(name: string): Person {
  const email = `${name.toLowerCase().slice(0, 8)}-${crypto.randomUUID()}@example.org`;
  return { name, email, password: `nine ${name} clouds over the lake` };
}

export async function signUp(page: Page, person: Person): Promise<void> {
  await page.getByRole("link", { name: text.signUp }).click();
  await page.getByLabel(text.displayName).fill(person.name);
  await fillCredentials(page, person);
  await page.getByRole("button", { name: text.signUp }).click();
  await page.getByLabel(text.newTask).waitFor();
}

export async function signIn(page: Page, person: Person): Promise<void> {
  await fillCredentials(page, person);
  await page.getByRole("button", { name: text.signIn }).click();
  await page.getByLabel(text.newTask).waitFor();
}

export async function fillCredentials(page: Page, { email, password }: Omit<Person, "name">): Promise<void> {
  await page.getByLabel(text.email).fill(email);
  await page.getByRole("textbox", { name: text.password }).fill(password);
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: text.signOut }).click();
  await page.getByRole("heading", { name: text.signInTitle }).waitFor();
}

export async function openAccount(page: Page): Promise<void> {
  await page.getByRole("link", { name: text.account }).click();
  await page.getByRole("region", { name: text.events }).getByRole("listitem").first().waitFor();
  await page.getByRole("region", { name: text.sessions }).getByRole("listitem").first().waitFor();
}

export async function add(page: Page, ...titles: string[]): Promise<void> {
  for (const title of titles) {
    await page.getByLabel(text.newTask).fill(title);
    await page.keyboard.press("Enter");
    await row(page, title).waitFor();
  }
}

/** Many at once, from a file. */
export async function bringIn(page: Page, titles: readonly string[]): Promise<void> {
  await openAccount(page);
  const panel = page.getByRole("region", { name: text.importTasks });
  const buffer = Buffer.from(["title", ...titles, ""].join("\n"));
  await panel.getByLabel(text.file).setInputFiles({ name: "many.csv", mimeType: "text/csv", buffer });
  await panel.getByRole("button", { name: text.checkFile }).click();
  await panel.getByRole("button", { name: text.importNow }).click();
  await panel.getByText(text.didDo(titles.length, 0, 0)).waitFor();
  await page.getByRole("link", { name: text.backToTasks }).click();
  await listStands(page);
}

/** From the open panel of lists; leads to the new list. */
export async function makeList(page: Page, title: string): Promise<void> {
  await page.getByRole("button", { name: text.newList }).click();
  await page.getByLabel(text.listTitle).fill(title);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: title }).waitFor();
}

/** Opens the editor of a task, fills in or chooses what is named by label, and saves. */
export async function edit(page: Page, title: string, values: Record<string, string | { label: string }>) {
  await page.getByRole("button", { name: title, exact: true }).click();
  for (const [label, value] of Object.entries(values)) {
    const field = page.getByLabel(label, { exact: true });
    const isSelect = await field.evaluate((element) => element instanceof HTMLSelectElement);
    if (isSelect) await field.selectOption(value);
    else if (typeof value === "string") await field.fill(value);
  }
  await page.getByRole("button", { name: text.save, exact: true }).click();
  await page.getByLabel(text.editTitle).waitFor({ state: "detached" });
}

/** Adds by the box's own language: the row that comes has `title`. */
export async function quickAdd(page: Page, typed: string, title: string): Promise<void> {
  await page.getByLabel(text.newTask).fill(typed);
  await page.keyboard.press("Enter");
  await row(page, title).waitFor();
}

/** To a list, a label, one of the daily views or the trash, also on a phone, and waits until that is what is shown. */
export async function go(page: Page, title: string): Promise<void> {
  const [lists, link] = [page.getByRole("button", { name: text.lists, exact: true }), listLink(page, title)];
  // Neither is there while another page goes.
  await lists.or(link).filter({ visible: true }).first().waitFor();
  if (!(await link.isVisible())) await lists.click();
  await link.click();
  await page.getByRole("heading", { name: title, exact: true, level: 1 }).waitFor();
}

/** As a date input writes it, from where the browser is. */
export const today = (page: Page) =>
  page.evaluate(() => {
    const [month, day, year] = new Date().toLocaleDateString("en-US").split("/");
    return [year, month?.padStart(2, "0"), day?.padStart(2, "0")].join("-");
  });

export const listLink = (page: Page, title: string) =>
  page.getByRole("navigation", { name: text.lists }).getByRole("link", { name: title });
export const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent);
export const tick = (page: Page, title: string) => page.getByRole("checkbox", { name: text.done(title), exact: true });
export const row = (page: Page, title: string) =>
  page.getByRole("listitem").filter({ has: page.getByRole("button", { name: title, exact: true }) });
export const titles = (page: Page) => page.locator(".task-title").allTextContents();
export const openTitles = (page: Page) => page.locator(".task-title:not(.task-title-done)").allTextContents();

/** Whether the page would be closed without a question: what was done in it is on the disk. */
export const letsGo = (page: Page) =>
  page.evaluate(() => dispatchEvent(new Event("beforeunload", { cancelable: true })));

/** Reloads as soon as nothing is lost by that, and waits until the list stands. */
export async function reload(page: Page): Promise<void> {
  await expect.poll(() => letsGo(page)).toBe(true);
  await page.reload();
  await page.getByLabel(text.newTask).waitFor();
  await listStands(page);
}

export const listStands = async (page: Page): Promise<void> =>
  await page.locator(".skeleton").waitFor({ state: "detached" });

/** Takes a picture, and checks that the page is accessible, that nothing sticks out at the side, and that nothing moves unasked. */
export async function look(page: Page, name: string, { fullPage = true } = {}): Promise<void> {
  await page.screenshot({ path: `${pictures}${name}.png`, animations: "disabled", fullPage });
  const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overhang, `${name}: pixels beyond the right edge`).toBeLessThanOrEqual(0);
  const moving = await page.evaluate(() => {
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) return [];
    const moves = ({ transitionDuration, animationName }: CSSStyleDeclaration) =>
      animationName !== "none" || transitionDuration.split(",").some((seconds) => Number.parseFloat(seconds) > 0);
    return [...document.querySelectorAll("#app *")].filter((part) => moves(getComputedStyle(part))).map(({ className }) => className);
  });
  expect(moving, `${name}: moves for somebody who wants no motion`).toEqual([]);
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import("axe-core") };
    // New in WCAG 2.2, and not yet on by itself.
    const { violations } = await axe.run(document, { preload: false, rules: { "target-size": { enabled: true } } });
    // Large enough, and only scrolled below what stands still: it can be scrolled out again.
    const isLarge = ([selector]: readonly unknown[]) => {
      const { width, height } = document.querySelector(String(selector))?.getBoundingClientRect() ?? new DOMRect();
      return Math.min(width, height) >= 24;
    };
    return violations.flatMap(({ id, nodes }) => {
      const bad = id === "target-size" ? nodes.filter(({ target }) => !isLarge(target)) : nodes;
      return bad.length === 0 ? [] : [`${id}: ${bad.map((node) => node.html).join(" | ")}`];
    });
  });
  expect(violations, `${name}: accessibility`).toEqual([]);
}
