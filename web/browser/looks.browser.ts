import { describe, it } from "vitest";
import { text } from "../src/text";
import * as at from "./harness";

const LONG =
  "Read the contract again before Thursday, and write down what is not clear to somebody who sees it for the first time";

const PROJECT = "Work on the project with the long name that nobody remembers";

describe.each([
  ["phone", at.PHONE],
  ["desktop", at.DESKTOP],
] as const)("on a %s", (device, viewport) => {
  it.each(["light", "dark"] as const)("the pages are accessible and whole, %s", async (colorScheme) => {
    const page = await at.visit({ viewport, colorScheme, reducedMotion: "reduce" });
    const look = (name: string) => at.look(page, `${device}-${colorScheme}-${name}`);

    await page.getByRole("heading", { name: text.signInTitle }).waitFor();
    await look("1-sign-in");
    await page.getByRole("link", { name: text.forgot }).click();
    await page.getByRole("heading", { name: text.forgotTitle }).waitFor();
    await look("1b-forgot");
    await page.getByRole("link", { name: text.backToSignIn }).click();
    await page.getByRole("link", { name: text.signUp }).click();
    await at.fillCredentials(page, { email: "ada", password: "short" });
    await page.getByRole("button", { name: text.signUp }).click();
    await page.locator(".field-fault").first().waitFor();
    await look("2-sign-up-faults");

    await page.getByRole("link", { name: text.signIn }).click();
    await at.signUp(page, at.newPerson("Ada"));
    await page.getByText(text.empty.open).waitFor();
    await look("3-empty");

    await at.add(page, "Water the plants", LONG, "Call the dentist", "Buy bread");
    await at.tick(page, "Call the dentist").click();
    await page.getByText(text.saved).waitFor();
    await look("4-tasks");

    await page.getByRole("button", { name: LONG, exact: true }).click();
    await page.getByLabel(text.editTitle).waitFor();
    await look("5-editor");
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: text.remove("Buy bread") }).click();
    await page.getByRole("button", { name: text.undo }).waitFor();
    await look("6-undo");

    await page.getByRole("link", { name: text.doneTasks }).click();
    await at.row(page, "Call the dentist").waitFor();
    await look("7-done");

    await at.openAccount(page);
    await look("9-account");
    await page.getByRole("textbox", { name: text.newPassword }).fill("short");
    await page.getByRole("button", { name: text.changePassword }).click();
    await page.locator(".field-fault").first().waitFor();
    await look("10-account-faults");

    await page.context().setOffline(true);
    await page.getByText(text.offline).waitFor();
    await look("8-offline");
    at.forgive(at.NETWORK);
  });

  it.each(["light", "dark"] as const)("lists, dates and the trash are accessible and whole, %s", async (colorScheme) => {
    const page = await at.visit({ viewport, colorScheme, reducedMotion: "reduce", timezoneId: "Europe/Zurich" });
    const look = (name: string) => at.look(page, `${device}-${colorScheme}-${name}`);
    const openLists = async () => {
      if (device === "phone") await page.getByRole("button", { name: text.lists, exact: true }).click();
    };
    await at.signUp(page, at.newPerson("Ada"));
    await openLists();
    await at.makeList(page, "Household");
    await openLists();
    await at.makeList(page, PROJECT);
    await openLists();
    await at.go(page, text.inbox);

    await at.add(page, "Water the plants", "Pay the rent", "Plan the trip", "Buy bread");
    await at.edit(page, "Water the plants", { [text.dueDate]: await at.today(page) });
    await at.edit(page, "Pay the rent", { [text.dueDate]: "2026-01-31", [text.notes]: "By standing order.\nSince May" });
    await page.getByRole("button", { name: "Plan the trip", exact: true }).click();
    await page.getByRole("button", { name: text.addPart }).click();
    for (const part of ["Book a night train to Lisbon for all of us", "Find somebody for the cat"]) {
      await page.getByLabel(text.newPart("Plan the trip")).fill(part);
      await page.keyboard.press("Enter");
      await at.row(page, part).waitFor();
    }
    await look("11-part");
    await page.keyboard.press("Escape");
    await at.edit(page, "Plan the trip", { [text.dueDate]: "2199-07-01" });
    await look("12-dates");

    await page.getByRole("button", { name: "Pay the rent", exact: true }).click();
    await page.getByLabel(text.dueTime, { exact: true }).fill("18:00");
    await look("13-editor");
    await page.keyboard.press("Escape");

    await openLists();
    await look("14-lists");
    await page.getByRole("button", { name: text.newList }).click();
    await page.keyboard.press("Enter");
    await page.locator("#title-fault").waitFor();
    await look("15-new-list-fault");
    await page.keyboard.press("Escape");
    await at.go(page, PROJECT);
    await page.getByRole("button", { name: text.rename(PROJECT) }).waitFor();
    await look("16-list");

    await page.getByRole("button", { name: text.removeList(PROJECT) }).click();
    await page.getByRole("button", { name: text.undo }).waitFor();
    await page.getByRole("button", { name: text.remove("Buy bread") }).click();
    await at.row(page, "Buy bread").waitFor({ state: "detached" });
    await openLists();
    await page.getByRole("link", { name: text.trash }).click();
    await page.getByRole("button", { name: text.bringBackThis("Buy bread") }).waitFor();
    await look("17-trash");
  });
});

it("the narrowest phone loses nothing at its right edge", async () => {
  const page = await at.visit({ viewport: { width: 320, height: 568 } });
  await at.look(page, "narrow-1-sign-in");
  await at.signUp(page, at.newPerson("Wolfeschlegelsteinhausenbergerdorff"));
  await at.add(page, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", "Buy bread");
  await page.getByRole("button", { name: text.remove("Buy bread") }).click();
  await page.getByRole("button", { name: text.undo }).waitFor();
  await at.look(page, "narrow-2-tasks");
  await page.getByRole("button", { name: /^Donau/ }).click();
  await page.getByLabel(text.dueDate).fill("2199-12-31");
  await page.getByLabel(text.dueTime, { exact: true }).fill("10:00");
  await at.look(page, "narrow-4-editor");
  await page.keyboard.press("Escape");
  await at.openAccount(page);
  await at.look(page, "narrow-3-account");
});

it.each(["light", "dark"] as const)("a task can be read while it is saved, %s", async (colorScheme) => {
  const page = await at.visit({ colorScheme, reducedMotion: "reduce" });
  await at.signUp(page, at.newPerson("Ada"));
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/tandem.tasks.v1.TaskService/CreateTask", async (route) => released.then(() => route.continue()));
  await at.add(page, "Buy bread");
  await page.locator(".task[aria-busy=true]").waitFor();
  await at.look(page, `phone-${colorScheme}-saving`);
  release();
  await page.getByText(text.saved).waitFor();
});
