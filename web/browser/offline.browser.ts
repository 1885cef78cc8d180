import { describe, expect, it } from "vitest";
import { text } from "../src/text";
import * as at from "./harness";

/** One person at a phone and at a desk. */
async function twoDevices(...tasks: string[]) {
  const ada = at.newPerson("Ada");
  const [phone, desk] = [await at.visit({ viewport: at.PHONE }), await at.visit({ viewport: at.DESKTOP })];
  await at.signUp(phone, ada);
  await at.add(phone, ...tasks);
  await at.signIn(desk, ada);
  for (const task of tasks) await at.row(desk, task).waitFor();
  return { ada, phone, desk };
}
type Page = Awaited<ReturnType<typeof twoDevices>>["phone"];

async function goOffline(page: Page) {
  await page.context().setOffline(true);
  await page.getByText(text.offline).waitFor();
}
async function goOnline(page: Page) {
  await page.context().setOffline(false);
  await page.getByText(text.offline).waitFor({ state: "detached" });
}

const CREATE_TASK = "**/tandem.tasks.v1.TaskService/CreateTask";

describe("without a network", () => {
  it("edits on both sides are all there afterwards, exactly once", async () => {
    const { phone, desk } = await twoDevices("Buy bread", "Call the dentist", "Water the plants");
    await goOffline(phone);
    await at.add(phone, "Pay the rent", "Feed the cat");
    await at.edit(phone, "Buy bread", { [text.editTitle]: "Buy rolls" });
    await at.tick(phone, "Water the plants").click();
    await phone.getByText(text.waitingEdits(4)).waitFor();
    await at.look(phone, "offline-phone");

    await at.edit(desk, "Buy bread", { [text.notes]: "the dark ones" });
    await at.add(desk, "Mend the bike");
    await at.tick(desk, "Call the dentist").click();
    await desk.getByText(text.saved).waitFor();

    await goOnline(phone);
    const open = ["Buy rolls", "Feed the cat", "Mend the bike", "Pay the rent"];
    for (const page of [phone, desk]) {
      await expect.poll(async () => (await at.openTitles(page)).sort()).toEqual(open);
      await at.reload(page);
      expect((await at.titles(page)).sort()).toEqual(open);
    }
    await desk.getByRole("button", { name: "Buy rolls", exact: true }).click();
    expect(await desk.getByLabel(text.notes).inputValue()).toBe("the dark ones");
    at.forgive(at.NETWORK);
  });

  it("the page opens with what it had, and sends what was done then from there", async () => {
    const { phone, desk } = await twoDevices("Buy bread");
    await phone.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await goOffline(phone);
    await at.add(phone, "Pay the rent");
    await at.reload(phone);
    await at.row(phone, "Buy bread").waitFor();
    await at.row(phone, "Pay the rent").waitFor();
    await at.add(phone, "Feed the cat");
    await phone.getByText(text.waitingEdits(2)).waitFor();
    await goOnline(phone);
    await expect.poll(() => at.titles(desk)).toEqual(["Buy bread", "Pay the rent", "Feed the cat"]);
    at.forgive(at.NETWORK);
  });

  it("what waits to be sent is something that the browser is asked to keep, and nothing else is", async () => {
    const asked: string[] = [];
    const page = await at.visit({}, async (page) => {
      await page.exposeFunction("askedToKeep", () => void asked.push(page.url()));
      await page.addInitScript(() => {
        const { askedToKeep } = window as unknown as { askedToKeep: () => Promise<void> };
        StorageManager.prototype.persist = () => askedToKeep().then(() => true);
      });
    });
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread");
    await page.getByText(text.saved).waitFor();
    expect(asked).toEqual([]);
    await goOffline(page);
    await at.add(page, "Pay the rent", "Feed the cat");
    await page.getByText(text.waitingEdits(2)).waitFor();
    expect(asked).toHaveLength(1);
    // Once is enough, however often the network goes.
    await goOnline(page);
    await page.getByText(text.saving).waitFor({ state: "detached" });
    await goOffline(page);
    await at.add(page, "Mend the bike");
    await page.getByText(text.waitingEdits(1)).waitFor();
    expect(asked).toHaveLength(1);
    await goOnline(page);
    at.forgive(at.NETWORK);
  });

  it("a field that both sides changed is the person's to decide", async () => {
    const { phone, desk } = await twoDevices("Buy bread");
    await goOffline(phone);
    await at.edit(phone, "Buy bread", { [text.editTitle]: "Buy rolls" });
    await at.edit(desk, "Buy bread", { [text.editTitle]: "Buy buns" });
    await at.row(desk, "Buy buns").waitFor();
    await goOnline(phone);
    await phone.getByText(text.conflictField("title", "Buy buns")).waitFor();
    await at.look(phone, "conflict-phone");
    await phone.getByRole("button", { name: text.keepMine("Buy rolls") }).click();
    await at.row(desk, "Buy rolls").waitFor();
    await phone.getByText(text.conflictField("title", "Buy buns")).waitFor({ state: "detached" });
    at.forgive(at.NETWORK);
  });

  it("nobody signs out over unsent edits without a warning, and then nothing is left", async () => {
    const { ada, phone } = await twoDevices("Buy bread");
    await phone.route(CREATE_TASK, (route) => route.abort("connectionrefused"));
    await phone.getByLabel(text.newTask).fill("Pay the rent");
    await phone.keyboard.press("Enter");
    await phone.getByText(text.waitingEdits(1)).waitFor();
    await phone.getByRole("button", { name: text.signOut }).click();
    await phone.getByText(text.unsentAtSignOut(1)).waitFor();
    await phone.getByRole("button", { name: text.signOutAnyway }).click();
    await phone.getByRole("heading", { name: text.signInTitle }).waitFor();
    await expect.poll(() => phone.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
    await phone.unroute(CREATE_TASK);
    await at.signIn(phone, ada);
    await expect.poll(() => at.titles(phone)).toEqual(["Buy bread"]);
    at.forgive(at.NETWORK);
  });

  it("a session ended elsewhere keeps unsent edits for their owner, and shows them to nobody else", async () => {
    const { ada, phone, desk } = await twoDevices("Buy bread");
    await goOffline(phone);
    await at.add(phone, "Pay the rent");
    await at.openAccount(desk);
    await desk.getByRole("button", { name: text.endOthers }).click();
    await desk.getByText(text.endedOthers(1)).waitFor();
    // The edit must not arrive before the word that the session has ended does.
    await phone.route(CREATE_TASK, (route) => route.abort("connectionrefused"));
    await goOnline(phone);
    await phone.getByText(text.leftover(1, ada.email)).waitFor();
    await phone.unroute(CREATE_TASK);

    await at.signUp(phone, at.newPerson("Grace"));
    await at.listStands(phone);
    expect(await at.titles(phone)).toEqual([]);
    await at.signOut(phone);
    await at.signIn(phone, ada);
    await expect.poll(() => at.titles(phone)).toEqual(["Buy bread", "Pay the rent"]);
    at.forgive(at.NETWORK);
  });

  it("what needs the service is not offered, with a word why", async () => {
    const page = await at.visit({ viewport: at.DESKTOP });
    await at.signUp(page, at.newPerson("Ada"));
    await at.quickAdd(page, "Buy bread #errands", "Buy bread");
    await at.quickAdd(page, "Water the plants #errands", "Water the plants");
    await page.getByRole("button", { name: text.remove("Water the plants") }).click();
    await page.getByText(text.saved).waitFor();
    await at.openAccount(page);
    await page.getByRole("link", { name: text.backToTasks }).click();
    await at.go(page, "errands");
    const [takeOff, rename] = [text.removeLabel("errands"), text.rename("errands")].map((name) =>
      page.getByRole("button", { name, exact: true }),
    );
    await goOffline(page);
    await page.getByText(text.labelNeedsNetwork).waitFor();
    expect([await takeOff?.isDisabled(), await rename?.isDisabled()]).toEqual([true, true]);
    await at.go(page, text.trash);
    await page.getByText(text.purgeNeedsNetwork).waitFor();
    expect(await page.getByRole("button", { name: text.purgeThis("Water the plants") }).isDisabled()).toBe(true);
    expect(await page.getByRole("button", { name: text.emptyTrash }).isDisabled()).toBe(true);
    expect(await page.getByRole("button", { name: text.bringBackThis("Water the plants") }).isEnabled()).toBe(true);
    await at.look(page, "offline-trash");
    await page.getByRole("link", { name: text.account }).click();
    await page.getByText(text.accountNeedsNetwork).waitFor();
    expect(await page.getByRole("button", { name: text.exportNow }).isDisabled()).toBe(true);
    for (const panel of [text.sessions, text.events])
      await page.getByRole("region", { name: panel }).getByText(text.needsNetwork).waitFor();
    await at.look(page, "offline-account");

    await goOnline(page);
    for (const panel of [text.sessions, text.events])
      await page.getByRole("region", { name: panel }).getByRole("listitem").first().waitFor();
    await page.getByRole("link", { name: text.backToTasks }).click();
    await at.go(page, "errands");
    await takeOff?.click();
    await page.getByText(text.labelInTrash(1)).waitFor();
    at.forgive(at.NETWORK);
  });
});
