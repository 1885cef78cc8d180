import { describe, expect, it } from "vitest";
import { text } from "../src/text";
import * as at from "./harness";

describe("lists in the browser", () => {
  it("are made, renamed, deleted with their tasks and brought back", async () => {
    const page = await at.visit({ viewport: at.DESKTOP });
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread");
    await at.makeList(page, "Household");
    await at.add(page, "Clean the windows");
    expect(await at.titles(page)).toEqual(["Clean the windows"]);

    await page.getByRole("button", { name: text.rename("Household") }).click();
    await page.getByLabel(text.listTitle).fill("Home");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Home" }).waitFor();

    await page.getByRole("button", { name: text.removeList("Home") }).click();
    await page.getByRole("button", { name: text.undo }).waitFor();
    await page.getByRole("heading", { name: text.inbox }).waitFor();
    expect(await at.titles(page)).toEqual(["Buy bread"]);
    expect(await at.listLink(page, "Home").count()).toBe(0);
    await page.getByRole("button", { name: text.undo }).click();
    await page.getByRole("heading", { name: "Home" }).waitFor();
    await at.row(page, "Clean the windows").waitFor();

    await page.getByRole("button", { name: text.removeList("Home") }).click();
    await page.getByRole("link", { name: text.trash }).click();
    await page.getByRole("button", { name: text.bringBackThis("Home") }).click();
    await page.getByText(text.broughtBack("Home")).waitFor();
    await at.go(page, "Home");
    await at.row(page, "Clean the windows").waitFor();
    await at.reload(page);
    expect(await at.titles(page)).toEqual(["Clean the windows"]);
  });

  it("without a name are refused at the box", async () => {
    const page = await at.visit({ viewport: at.DESKTOP });
    await at.signUp(page, at.newPerson("Ada"));
    await page.getByRole("button", { name: text.newList }).click();
    await page.keyboard.press("Enter");
    await page.locator("#title-fault").waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => at.focused(page)).toBe(text.newList);
  });

  it("are reached on a phone, with the keyboard as well", async () => {
    const page = await at.visit({ viewport: at.PHONE });
    await at.signUp(page, at.newPerson("Ada"));
    const lists = page.getByRole("button", { name: text.lists, exact: true });
    expect(await page.getByRole("button", { name: text.newList }).count()).toBe(0);
    await lists.press("Enter");
    await at.makeList(page, "Errands");
    expect(await at.listLink(page, "Errands").count()).toBe(0);
    await lists.press("Enter");
    await page.keyboard.press("Tab");
    await expect.poll(() => at.focused(page)).toBe("Errands");
    await page.keyboard.press("Escape");
    await expect.poll(() => at.focused(page)).toBe(text.lists);
    expect(await lists.getAttribute("aria-expanded")).toBe("false");
  });
});

describe("a task in the browser", () => {
  it("has a due date, notes and a list, and keeps them", async () => {
    const page = await at.visit({ viewport: at.DESKTOP, timezoneId: "Europe/Zurich" });
    await at.signUp(page, at.newPerson("Ada"));
    await at.makeList(page, "Errands");
    await at.go(page, text.inbox);
    await at.add(page, "Call the dentist");
    const row = at.row(page, "Call the dentist");
    const day = await at.today(page);

    await at.edit(page, "Call the dentist", { [text.dueDate]: day, [text.notes]: "About the invoice\nof last year" });
    await row.getByText(text.due(text.today), { exact: true }).waitFor();
    await row.getByText("of last year").waitFor();

    await at.edit(page, "Call the dentist", { [text.dueTime]: "00:00", [text.timeZone]: "Europe/Zurich" });
    await row.getByText(text.overdue(text.today)).waitFor();
    await at.reload(page);
    await page.getByRole("button", { name: "Call the dentist", exact: true }).click();
    expect(await page.getByLabel(text.dueDate, { exact: true }).inputValue()).toBe(day);
    expect(await page.getByLabel(text.dueTime, { exact: true }).inputValue()).toBe("00:00");
    expect(await page.getByLabel(text.timeZone, { exact: true }).inputValue()).toBe("Europe/Zurich");
    await page.keyboard.press("Escape");

    await at.edit(page, "Call the dentist", { [text.dueDate]: "", [text.moveTo]: { label: "Errands" } });
    await row.waitFor({ state: "detached" });
    await at.go(page, "Errands");
    await row.waitFor();
    expect(await row.getByText(text.today).count()).toBe(0);
  });

  it("has parts, which stand under it and go to the trash and back with it", async () => {
    const page = await at.visit({ viewport: at.DESKTOP });
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Plan the trip", "Buy bread");
    await page.getByRole("button", { name: "Plan the trip", exact: true }).click();
    await page.getByRole("button", { name: text.addPart }).click();
    await page.keyboard.type("Book a train");
    await page.keyboard.press("Enter");
    await at.row(page, "Book a train").waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => at.titles(page)).toEqual(["Plan the trip", "Book a train", "Buy bread"]);
    expect(await at.row(page, "Book a train").getAttribute("aria-level")).toBe("2");

    await page.getByRole("button", { name: text.remove("Plan the trip") }).click();
    await expect.poll(() => at.titles(page)).toEqual(["Buy bread"]);
    await page.getByRole("link", { name: text.trash }).click();
    await expect.poll(() => page.locator(".trashed-title").allTextContents()).toEqual(["Plan the trip"]);
    await page.getByRole("button", { name: text.bringBackThis("Plan the trip") }).click();
    await page.getByText(text.trashEmpty).waitFor();
    await at.go(page, text.inbox);
    await expect.poll(() => at.titles(page)).toEqual(["Plan the trip", "Book a train", "Buy bread"]);
  });
});
