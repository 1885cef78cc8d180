import { describe, expect, it } from "vitest";
import { text } from "../src/text";
import * as at from "./harness";

const TASKS = "**/tandem.tasks.v1.TaskService/";
const STALE = "Bearer stale";
const REFRESH = "/tandem.auth.v1.AuthService/RefreshSession";

describe("a bad day in the browser", () => {
  it("offline is said, nothing typed is lost, and the list returns with the network", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread");

    await page.context().setOffline(true);
    await page.getByText(text.offline).waitFor();
    await page.getByLabel(text.newTask).fill("Call the dentist");
    await page.keyboard.press("Enter");
    await page.locator("#add-fault").waitFor();
    expect(await page.getByLabel(text.newTask).inputValue()).toBe("Call the dentist");
    await at.tick(page, "Buy bread").click();
    await page.getByRole("button", { name: text.tryAgain }).waitFor();
    expect(await at.tick(page, "Buy bread").isChecked()).toBe(false);
    await page.getByRole("button", { name: text.signOut }).click();
    await page.locator(".top .notice-bad").waitFor();

    await page.context().setOffline(false);
    await page.getByText(text.offline).waitFor({ state: "detached" });
    await page.getByRole("button", { name: text.add, exact: true }).click();
    await at.row(page, "Call the dentist").waitFor();
    at.forgive(at.NETWORK);
  });

  it("an answer lost on the way does not make a second task", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await page.route(
      `${TASKS}CreateTask`,
      async (route) => {
        await route.fetch();
        await route.abort("connectionreset");
      },
      { times: 1 },
    );
    await page.getByLabel(text.newTask).fill("Buy bread");
    await page.keyboard.press("Enter");
    await page.locator("#add-fault").waitFor();
    await page.keyboard.press("Enter");
    await at.row(page, "Buy bread").waitFor();
    await at.reload(page);
    expect(await at.titles(page)).toEqual(["Buy bread"]);
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
    await page.route(`**${REFRESH}`, (route) => route.abort("connectionrefused"));
    await page.reload();
    await page.getByText(text.unreachable).waitFor();
    await page.unroute(`**${REFRESH}`);
    await page.getByRole("button", { name: text.tryAgain }).click();
    await page.getByLabel(text.newTask).waitFor();
    at.forgive(at.NETWORK);
  });
});
