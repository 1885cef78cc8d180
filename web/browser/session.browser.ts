// The life of a session in tabs that stand open for longer than a token lives. The pages' clocks are moved, not the
// service's: to a page, its token expires.

import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { text } from "../src/text";
import * as at from "./harness";

const REFRESH = "/tandem.auth.v1.AuthService/RefreshSession";
const clocked = (page: Page) => page.clock.install();

function count(page: Page): { sent: number } {
  const counted = { sent: 0 };
  page.context().on("request", (request) => {
    if (request.url().endsWith(REFRESH)) counted.sent += 1;
  });
  return counted;
}

/** A call that goes to the service and nowhere else. */
async function find(page: Page, words: string): Promise<void> {
  await page.getByLabel(text.search, { exact: true }).fill(words);
  await page.getByText(text.found(1, false)).waitFor();
}

describe("a session", () => {
  it("goes on in three tabs when the token expires, with one refresh for all", async () => {
    const first = await at.visit({}, clocked);
    await at.signUp(first, at.newPerson("Ada"));
    await at.add(first, "Buy bread");
    await first.getByText(text.saved).waitFor();
    const tabs = [first, await at.openTab(first.context(), clocked), await at.openTab(first.context(), clocked)];
    for (const tab of tabs) {
      await tab.goto("/#search");
      await find(tab, "bread");
    }
    const refreshes = count(first);
    await Promise.all(tabs.map((tab) => tab.clock.fastForward("11:00")));
    await Promise.all(tabs.map((tab) => find(tab, "buy")));
    expect(refreshes.sent).toBe(1);

    await at.go(first, text.inbox);
    await at.add(first, "Water the plants");
    for (const tab of tabs.slice(1)) {
      await at.go(tab, text.inbox);
      await at.row(tab, "Water the plants").waitFor();
      await tab.getByRole("button", { name: text.signOut }).waitFor();
    }
    expect(refreshes.sent).toBe(1);
    at.forgive(at.NETWORK);
  });

  it("outlives a refresh whose answer was lost, tried again minutes later", async () => {
    const page = await at.visit({}, clocked);
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread");
    await page.getByText(text.saved).waitFor();
    const refreshes = count(page);
    const answers: string[] = [];
    // The service has done it, and the cookie of this browser is still the old one.
    await page.route(`**${REFRESH}`, async (route) => {
      const answer = await fetch(route.request().url(), {
        method: "POST",
        headers: await route.request().allHeaders().then(plain),
        body: new Uint8Array(route.request().postDataBuffer() ?? []),
      });
      answers.push(answer.headers.get("set-cookie") ?? "");
      await answer.arrayBuffer();
      await route.abort("connectionreset");
    });
    await page.goto("/#search");
    await page.clock.fastForward("11:00");
    await page.getByLabel(text.search, { exact: true }).fill("bread");
    await expect.poll(() => answers.length).toBeGreaterThan(0);
    for (const cookie of answers) expect(cookie).toMatch(/^tandem_refresh_\d+=[\w-]{20,};/);
    await page.unroute(`**${REFRESH}`);

    // Beyond the 30 seconds in which any retry is answered; the service's own clock has to get there.
    await new Promise((resolve) => setTimeout(resolve, 35_000));
    const lost = refreshes.sent;
    await page.clock.fastForward("05:00");
    await page.reload();
    await page.getByRole("button", { name: text.signOut }).waitFor();
    await find(page, "bread");
    expect(refreshes.sent).toBeGreaterThan(lost);
    at.forgive(at.NETWORK);
  });
});

/** Headers that Node sends by itself, or that belong to HTTP/2, are no business of ours. */
function plain(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith(":") && !["host", "connection", "content-length"].includes(name)),
  );
}
