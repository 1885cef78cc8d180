import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { text } from "../src/text";
import * as at from "./harness";

const TASKS = "**/tandem.tasks.v1.TaskService/";
const STALE = "Bearer stale";
const REFRESH = "/tandem.auth.v1.AuthService/RefreshSession";

describe("a bad day in the browser", () => {
  it("offline is said, what is done then is kept, and it arrives with the network", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread");
    await page.getByText(text.saved).waitFor();

    await page.context().setOffline(true);
    await page.getByText(text.offline).waitFor();
    await at.add(page, "Call the dentist");
    await at.tick(page, "Buy bread").click();
    await expect.poll(() => at.tick(page, "Buy bread").isChecked()).toBe(true);
    await page.getByText(text.waitingEdits(2)).waitFor();

    await page.context().setOffline(false);
    await page.getByText(text.offline).waitFor({ state: "detached" });
    await page.getByText(text.saving).waitFor({ state: "detached" });
    await at.reload(page);
    expect(await at.titles(page)).toEqual(["Call the dentist"]);
    at.forgive(at.NETWORK);
  });

  it("an answer lost on the way does not make a second task", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    const answers: string[] = [];
    await page.route(
      `${TASKS}CreateTask`,
      async (route) => {
        answers.push(String((await route.fetch()).status()));
        await route.abort("connectionreset");
      },
      { times: 1 },
    );
    await at.add(page, "Buy bread");
    await page.getByText(text.saved).waitFor();
    await at.reload(page);
    expect(await at.titles(page)).toEqual(["Buy bread"]);
    expect(answers).toEqual(["200"]);
    at.forgive(at.NETWORK);
  });

  it("a refused access token is renewed once, for all calls together", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread", "Call the dentist");
    const renewals: string[] = [];
    page.on("request", (request) => {
      if (request.url().endsWith(REFRESH)) renewals.push(request.url());
    });
    // The token that the first call carries is no good any more; whatever follows it is.
    let refused: string | undefined;
    await page.route(`${TASKS}CompleteTask`, async (route) => {
      const headers = route.request().headers();
      refused ??= headers["authorization"];
      await route.continue(
        headers["authorization"] === refused ? { headers: { ...headers, authorization: STALE } } : {},
      );
    });
    // Both in the same moment, which one mouse cannot do.
    await page.getByRole("checkbox").evaluateAll((ticks) => ticks.forEach((tick) => (tick as HTMLElement).click()));
    await expect.poll(() => at.openTitles(page)).toEqual([]);
    await page.getByText(text.saved).waitFor();
    expect(renewals).toHaveLength(1);
  });

  it("a session ended elsewhere leads to the sign-in page, with a word why", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread");
    await page.context().clearCookies();
    await page.route(`${TASKS}CompleteTask`, (route) =>
      route.continue({ headers: { ...route.request().headers(), authorization: STALE } }),
    );
    await at.tick(page, "Buy bread").click();
    await page.getByText(text.sessionEnded).waitFor();
    await page.getByRole("heading", { name: text.signInTitle }).waitFor();
  });

  it("a system that is down at the start is not taken for a sign-out", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread");
    await page.getByText(text.saved).waitFor();
    await page.route(`**${REFRESH}`, (route) => route.abort("connectionrefused"));
    await page.reload();
    await at.row(page, "Buy bread").waitFor();

    // Where nothing tells who was here last there is nobody to open for.
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await page.getByText(text.unreachable).waitFor();
    await page.unroute(`**${REFRESH}`);
    await page.getByRole("button", { name: text.tryAgain }).click();
    await page.getByLabel(text.newTask).waitFor();
    at.forgive(at.NETWORK);
  });

  it("a browser that keeps nothing has the app all the same, with a word about it", async () => {
    const withoutStore = async (page: Page) => {
      await page.addInitScript(() => Object.defineProperty(window, "indexedDB", { value: undefined }));
    };
    const page = await at.visit({}, withoutStore);
    await at.signUp(page, at.newPerson("Ada"));
    await page.getByText(text.keptNowhere).waitFor();
    await at.add(page, "Buy bread", "Call the dentist");
    await at.tick(page, "Buy bread").click();
    await page.getByText(text.saved).waitFor();
    const other = await at.openTab(page.context(), withoutStore);
    await expect.poll(() => at.titles(other)).toEqual(["Call the dentist"]);
    await at.add(other, "Water the plants");
    await at.row(page, "Water the plants").waitFor();

    await page.context().setOffline(true);
    await page.getByText(text.offlineNowhere).waitFor();
    await at.add(page, "Feed the cat");
    await page.context().setOffline(false);
    await at.row(other, "Feed the cat").waitFor();
    await at.look(page, "trouble-keeps-nothing");
    await at.signOut(page);
    at.forgive(at.NETWORK);
  });
});
