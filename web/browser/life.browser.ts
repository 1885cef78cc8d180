import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { text } from "../src/text";
import * as at from "./harness";
import { drag } from "./harness_drag";

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const undo = (page: Page) => page.getByRole("button", { name: text.undo }).click();

describe("quick add in the browser", () => {
  it("says what it understood, takes words back, and makes the task whole", async () => {
    const page = await at.visit({ timezoneId: "Europe/Zurich" });
    await at.signUp(page, at.newPerson("Ada"));
    await page.getByLabel(text.newTask).fill("Monday pay rent every 1st at 9:00 #home !high");
    const chips = page.getByRole("list", { name: text.understood }).getByRole("listitem");
    await expect.poll(() => chips.count()).toBe(5);
    await button(page, text.asWords("Monday")).click();
    await expect.poll(() => chips.count()).toBe(4);
    await page.keyboard.press("Enter");
    const row = at.row(page, "Monday pay rent");
    for (const words of ["Every month on the 1st", text.priority.HIGH, "home"]) await row.getByText(words).waitFor();
    await row.getByText(/, 09:00$/).waitFor();
    await expect.poll(() => chips.count()).toBe(0);
  });
});

describe("a task in the browser", () => {
  it("is edited in everything that there is to it", async () => {
    const page = await at.visit({ viewport: at.DESKTOP, timezoneId: "Europe/Zurich" });
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Plan the trip", "Book a train");
    await at.quickAdd(page, "Buy bread #shop", "Buy bread");
    await button(page, "Book a train").click();
    await page.getByLabel(text.dueDate).fill("2030-01-31");
    await page.getByLabel(text.repeat, { exact: true }).selectOption("MONTHLY");
    await page.getByLabel(text.everyCount).fill("2");
    await page.getByLabel(text.onDay, { exact: true }).selectOption({ label: "last day" });
    await page.getByLabel(text.ends).selectOption("count");
    await page.getByLabel(text.times).fill("3");
    await page.getByLabel(text.priorityName).selectOption({ label: text.priority.URGENT });
    await page.getByLabel(text.labels).fill("travel,");
    await page.getByLabel(text.labels).fill("shop");
    await page.keyboard.press("Enter");
    await page.getByText(text.moreFields, { exact: true }).click();
    await page.getByLabel(text.startDate, { exact: true }).fill("2030-01-02");
    await page.getByLabel(text.partOfName).selectOption({ label: "Plan the trip" });
    await button(page, text.save).click();
    await page.getByText(text.saved).waitFor();
    await at.reload(page);
    const row = at.row(page, "Book a train");
    for (const words of ["Every 2 months on the last day, 3 times", text.priority.URGENT, "travel", "shop", text.startsOn("Jan 2, 2030")]) {
      await row.getByText(words).waitFor();
    }
    expect(await row.getAttribute("aria-level")).toBe("2");

    await button(page, "Book a train").click();
    await button(page, text.takeOff("travel")).click();
    await page.getByLabel(text.dueDate).fill("");
    await page.getByLabel(text.partOfName).selectOption({ label: text.noParent });
    await button(page, text.save).click();
    await expect.poll(() => row.getAttribute("aria-level")).toBe("1");
    expect(await row.getByText("travel").count() + (await row.getByText("Every").count())).toBe(0);
  });

  it("comes again when it is done or skipped, and each is taken back", async () => {
    const page = await at.visit({ timezoneId: "Europe/Zurich" });
    await at.signUp(page, at.newPerson("Ada"));
    await at.quickAdd(page, "Water the plants every 3 days 2030-01-01", "Water the plants");
    const row = at.row(page, "Water the plants");
    await at.tick(page, "Water the plants").click();
    await row.getByText("Jan 4, 2030").waitFor();
    await undo(page);
    await row.getByText("Jan 1, 2030").waitFor();

    await button(page, "Water the plants").click();
    await button(page, text.skip).click();
    await row.getByText("Jan 4, 2030").waitFor();
    await undo(page);
    await row.getByText("Jan 1, 2030").waitFor();

    await button(page, "Water the plants").click();
    await button(page, text.giveUp).click();
    await page.getByText(text.gaveUp("Water the plants")).waitFor();
    await undo(page);
    await expect.poll(() => at.tick(page, "Water the plants").isChecked()).toBe(false);
  });

  it("that is ticked off is taken back by one press", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread");
    await at.tick(page, "Buy bread").click();
    await page.locator(".undo-text").getByText(text.didIt("Buy bread")).waitFor();
    await undo(page);
    await expect.poll(() => at.tick(page, "Buy bread").isChecked()).toBe(false);
  });
});

describe("the person's own order", () => {
  it("is changed with the keyboard, and told", async () => {
    const page = await at.visit({ viewport: at.DESKTOP });
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "one", "two", "three");
    await button(page, "three").focus();
    await page.keyboard.press("Alt+ArrowUp");
    await page.getByText(text.moved("three", 2, 3)).waitFor();
    await expect.poll(() => at.focused(page)).toBe("three");
    await page.keyboard.press("Alt+ArrowUp");
    await expect.poll(() => at.titles(page)).toEqual(["three", "one", "two"]);
    await page.getByText(text.moved("three", 1, 3)).waitFor();
    await page.keyboard.press("Alt+ArrowUp");
    await page.getByText(text.cannotMove("three")).waitFor();

    await button(page, "one").focus();
    await page.keyboard.press("Alt+ArrowRight");
    await page.getByText(text.movedUnder("one", "three", 1, 1)).waitFor();
    expect(await at.row(page, "one").getAttribute("aria-level")).toBe("2");
    await page.keyboard.press("Alt+ArrowLeft");
    await expect.poll(() => at.row(page, "one").getAttribute("aria-level")).toBe("1");
    await page.getByText(text.saved).waitFor();
    await at.reload(page);
    expect(await at.titles(page)).toEqual(["three", "one", "two"]);

    await button(page, "two").click();
    await button(page, text.moveUp).click();
    await expect.poll(() => page.getByText(text.moved("two", 2, 3)).count()).toBe(1);
  });

  it("is told when the move is done, also right after the task was added, where the disk is slow", async () => {
    const page = await at.visit({ viewport: at.DESKTOP }, at.slowDisk);
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "one", "two");
    await button(page, "two").focus();
    await page.keyboard.press("Alt+ArrowUp");
    const told = page.getByText(/^two is now/);
    await told.waitFor({ state: "attached" });
    expect(await told.textContent()).toBe(text.moved("two", 1, 2));
  });

  it.each([
    ["mouse", false],
    ["finger", true],
  ] as const)("is changed with a %s, also into another task", async (_, touch) => {
    const page = await at.visit({ viewport: at.PHONE, hasTouch: touch });
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "one", "two", "three");
    await drag(page, at.row(page, "three"), at.row(page, "one"), { below: false, touch });
    await expect.poll(() => at.titles(page)).toEqual(["three", "one", "two"]);
    await drag(page, at.row(page, "two"), at.row(page, "three"), { shift: 30, touch });
    await expect.poll(() => at.titles(page)).toEqual(["three", "two", "one"]);
    await expect.poll(() => at.row(page, "two").getAttribute("aria-level")).toBe("2");
    await page.getByText(text.saved).waitFor();
    await at.reload(page);
    expect(await at.titles(page)).toEqual(["three", "two", "one"]);
  });

  it("of lists is changed by mouse, keyboard and buttons", async () => {
    const page = await at.visit({ viewport: at.DESKTOP });
    await at.signUp(page, at.newPerson("Ada"));
    for (const title of ["Home", "Work", "Travel"]) await at.makeList(page, title);
    const titles = () => page.locator(".lists-own .lists-title").allTextContents();
    expect(await titles()).toEqual(["Home", "Work", "Travel"]);
    await at.listLink(page, "Travel").focus();
    await page.keyboard.press("Alt+ArrowUp");
    await expect.poll(titles).toEqual(["Home", "Travel", "Work"]);
    await drag(page, page.locator(".lists-item").filter({ hasText: "Work" }), at.listLink(page, "Home"), { below: false });
    await expect.poll(titles).toEqual(["Work", "Home", "Travel"]);
    await button(page, text.moveListUp("Travel")).click();
    await expect.poll(titles).toEqual(["Work", "Travel", "Home"]);
    await at.reload(page);
    expect(await titles()).toEqual(["Work", "Travel", "Home"]);
  });
});
