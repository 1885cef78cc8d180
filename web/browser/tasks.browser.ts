import { describe, expect, it } from "vitest";
import { reasonText, text } from "../src/text";
import * as at from "./harness";

describe("tasks in the browser", () => {
  it("are added, renamed, ticked off, reopened, deleted and brought back", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await page.getByText(text.empty.open).waitFor();
    await at.add(page, "Water the plants", "Call the dentist", "Buy bread");
    expect(await at.titles(page)).toEqual(["Water the plants", "Call the dentist", "Buy bread"]);

    await page.getByRole("button", { name: "Call the dentist", exact: true }).click();
    await page.getByLabel(text.editTitle).fill("Call the dentist at nine");
    await page.getByRole("button", { name: text.save }).click();
    await at.row(page, "Call the dentist at nine").waitFor();

    await at.tick(page, "Buy bread").click();
    await page.getByText(text.saved).waitFor();
    await at.reload(page);
    expect(await at.titles(page)).toEqual(["Water the plants", "Call the dentist at nine"]);

    await page.getByRole("link", { name: text.doneTasks }).click();
    await at.tick(page, "Buy bread").click();
    await page.getByText(text.saved).waitFor();
    await page.getByRole("link", { name: text.openTasks }).click();
    await at.row(page, "Buy bread").waitFor();

    await page.getByRole("button", { name: text.remove("Call the dentist at nine") }).click();
    await page.getByRole("button", { name: text.undo }).waitFor();
    expect(await at.titles(page)).toEqual(["Water the plants", "Buy bread"]);
    await page.getByRole("button", { name: text.undo }).click();
    await at.row(page, "Call the dentist at nine").waitFor();
    expect(await at.titles(page)).toEqual(["Water the plants", "Call the dentist at nine", "Buy bread"]);

    await at.reload(page);
    expect(await at.titles(page)).toEqual(["Water the plants", "Call the dentist at nine", "Buy bread"]);
  });

  it("are seen by nobody else", async () => {
    const [adas, graces] = [await at.visit(), await at.visit()];
    await at.signUp(adas, at.newPerson("Ada"));
    await at.add(adas, "Ada's secret");
    await at.signUp(graces, at.newPerson("Grace"));
    await graces.getByText(text.empty.open).waitFor();
    await at.add(graces, "Grace's own");
    await graces.getByRole("link", { name: text.doneTasks }).click();
    await graces.getByText(text.empty.done).waitFor();
    await at.reload(adas);
    expect(await at.titles(adas)).toEqual(["Ada's secret"]);
  });

  it("are not shown to the next person in the same browser", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Ada's secret");
    await at.signOut(page);
    await at.signUp(page, at.newPerson("Grace"));
    await page.getByText(text.empty.open).waitFor();
    expect(await at.titles(page)).toEqual([]);
  });

  it("are text, whatever they say", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Mallory"));
    const hostile = [
      "<img src=x onerror=alert(1)>",
      "<script>alert(2)</script>",
      "javascript:alert(3)",
      "\u202eevil \u2066",
    ];
    await at.add(page, ...hostile.slice(0, 3));
    await page.getByLabel(text.newTask).fill(hostile[3] ?? "");
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await at.titles(page)).length).toBe(4);
    await at.reload(page);
    expect(await page.locator(".task-title *").count()).toBe(0);
    expect((await at.titles(page)).slice(0, 3)).toEqual(hostile.slice(0, 3));
  });

  it("that are too long are refused at the box, and what was typed stays", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    const box = page.getByLabel(text.newTask);
    await box.fill("x".repeat(501));
    await page.getByRole("button", { name: text.add, exact: true }).click();
    await page.locator("#add-fault").waitFor();
    expect(await box.inputValue()).toHaveLength(501);
    await box.fill("x".repeat(500));
    await page.keyboard.press("Enter");
    await at.row(page, "x".repeat(500)).waitFor();
  });

  it("can be kept with the keyboard alone", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread");
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.getByText(text.saved).waitFor();
    await expect.poll(() => at.tick(page, "Buy bread").isChecked()).toBe(true);

    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.type(" or rolls");
    await page.keyboard.press("Escape");
    await expect.poll(focused).toBe("Buy bread");
    await page.keyboard.press("Enter");
    await page.keyboard.type(" and rolls");
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("Buy bread and rolls");

    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe(text.undo);
    await page.keyboard.press("Enter");
    await at.row(page, "Buy bread and rolls").waitFor();
  });

  it("changed elsewhere are not overwritten unseen", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread");
    const other = await at.openTab(page.context());
    await other.getByRole("button", { name: "Buy bread", exact: true }).click();
    await other.getByLabel(text.editTitle).fill("Buy rolls");
    await page.getByRole("button", { name: "Buy bread", exact: true }).click();
    await page.getByLabel(text.editTitle).fill("Buy brown bread");
    await page.keyboard.press("Enter");
    await at.row(page, "Buy brown bread").waitFor();

    await other.keyboard.press("Enter");
    await other.getByText(reasonText.ETAG_MISMATCH).waitFor();
    await at.reload(page);
    expect(await at.titles(page)).toEqual(["Buy brown bread"]);

    await other.getByRole("button", { name: text.save }).click();
    await at.row(other, "Buy rolls").waitFor();
  });

  it("are saved as they were typed when another task or view is opened, and not after a cancel", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread", "Call the dentist");
    const open = (title: string) => page.getByRole("button", { name: title, exact: true }).click();
    await open("Buy bread");
    await page.getByLabel(text.notes).fill("the dark one");
    await open("Call the dentist");
    await at.row(page, "Buy bread").getByText("the dark one").waitFor();
    await page.getByLabel(text.editTitle).fill("");
    await page.getByLabel(text.dueDate, { exact: true }).fill(await at.today(page));
    await at.go(page, text.todayView);
    await at.row(page, "Call the dentist").waitFor();

    await open("Call the dentist");
    await page.getByLabel(text.editTitle).fill("Call nobody");
    await page.keyboard.press("Escape");
    await open("Call the dentist");
    await page.getByLabel(text.editTitle).fill("Call nobody");
    await page.getByRole("button", { name: text.cancel, exact: true }).click();
    await at.go(page, text.inbox);
    await at.reload(page);
    expect(await at.titles(page)).toEqual(["Buy bread", "Call the dentist"]);
    await at.row(page, "Buy bread").getByText("the dark one").waitFor();
  });

  it("are asked about when they were left half edited and were changed elsewhere", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread");
    const other = await at.openTab(page.context());
    await other.getByRole("button", { name: "Buy bread", exact: true }).click();
    await other.getByLabel(text.editTitle).fill("Buy rolls");
    await at.edit(page, "Buy bread", { [text.editTitle]: "Buy buns" });
    await other.getByRole("checkbox", { name: text.done("Buy buns"), exact: true }).waitFor();
    await at.go(other, text.todayView);
    await other.getByText(text.conflictField("title", "Buy buns")).waitFor();
    await other.getByRole("button", { name: text.keepMine("Buy rolls") }).click();
    await at.row(page, "Buy rolls").waitFor();

    // Who was told of it in the editor, and goes without another word, has not answered either.
    await at.go(other, text.inbox);
    await other.getByRole("button", { name: "Buy rolls", exact: true }).click();
    await other.getByLabel(text.editTitle).fill("Buy cake");
    await at.edit(page, "Buy rolls", { [text.editTitle]: "Buy pie" });
    await other.getByRole("checkbox", { name: text.done("Buy pie"), exact: true }).waitFor();
    await other.getByRole("button", { name: text.save, exact: true }).click();
    await other.getByText(reasonText.ETAG_MISMATCH).waitFor();
    await at.go(other, text.todayView);
    await other.getByText(text.conflictField("title", "Buy pie")).waitFor();
    await other.getByRole("button", { name: text.takeTheirs("Buy pie") }).click();
    await at.reload(page);
    expect(await at.titles(page)).toEqual(["Buy pie"]);
  });

  it("keep their day when they are left with a date half typed, are not saved with one, and lose it when it is taken away", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.quickAdd(page, "Buy bread every week 2030-01-01 at 9:00", "Buy bread");
    const open = () => page.getByRole("button", { name: "Buy bread", exact: true }).click();
    const date = page.getByLabel(text.dueDate, { exact: true });
    await open();
    await page.getByLabel(text.notes).fill("the dark one");
    await date.press("Backspace");
    expect(await date.evaluate((input: HTMLInputElement) => [input.value, input.validity.badInput])).toEqual(["", true]);
    await at.go(page, text.todayView);
    await at.go(page, text.inbox);
    const row = at.row(page, "Buy bread");
    await row.getByText("the dark one").waitFor();
    await row.getByText("Every week").waitFor();
    await row.getByText(/Jan 1, 2030, 09:00$/).waitFor();

    await open();
    await date.press("Backspace");
    await page.getByRole("button", { name: text.save, exact: true }).click();
    await page.getByText(text.halfTyped).waitFor();
    await expect.poll(() => date.evaluate((input) => input === document.activeElement)).toBe(true);
    await date.fill("2030-01-02");
    await page.getByRole("button", { name: text.save, exact: true }).click();
    await row.getByText(/Jan 2, 2030, 09:00$/).waitFor();
    await row.getByText("Every week").waitFor();

    await open();
    await date.focus();
    for (const key of ["Backspace", "Tab", "Backspace", "Tab", "Backspace"]) await page.keyboard.press(key);
    await at.go(page, text.todayView);
    await at.go(page, text.inbox);
    await expect.poll(() => row.getByText("Every week").count()).toBe(0);
    expect(await row.getByText("2030").count()).toBe(0);
  });

  it("are saved as they were typed before a sign-out", async () => {
    const page = await at.visit();
    const ada = at.newPerson("Ada");
    await at.signUp(page, ada);
    await at.add(page, "Buy bread");
    await page.getByRole("button", { name: "Buy bread", exact: true }).click();
    await page.getByLabel(text.editTitle).fill("Buy rolls");
    await at.signOut(page);
    await at.signIn(page, ada);
    await at.row(page, "Buy rolls").waitFor();

    // Or it is asked whether they may be lost.
    const blocked = "**/tandem.tasks.v1.TaskService/UpdateTask";
    await page.route(blocked, (route) => route.abort("connectionrefused"));
    await page.getByRole("button", { name: "Buy rolls", exact: true }).click();
    await page.getByLabel(text.editTitle).fill("Buy buns");
    await page.getByRole("button", { name: text.signOut }).click();
    await page.getByText(text.unsentAtSignOut(1)).waitFor();
    await at.row(page, "Buy buns").waitFor();
    await page.unroute(blocked);
    await page.getByText(text.unsentAtSignOut(1)).waitFor({ state: "detached" });
    at.forgive(at.NETWORK);
  });

  it("are not closed half edited without the browser asking first", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    await at.add(page, "Buy bread");
    await page.getByRole("button", { name: "Buy bread", exact: true }).click();
    await page.getByLabel(text.notes).fill("the dark one");
    await page.evaluate(() => location.reload());
    await expect.poll(() => at.forgive(/^dialog/)).toHaveLength(1);
    expect(await page.getByLabel(text.notes).inputValue()).toBe("the dark one");
    await page.getByRole("button", { name: text.save, exact: true }).click();
    await page.getByText(text.saved).waitFor();
    await at.reload(page);
    expect(at.forgive(/^dialog/)).toEqual([]);
  });

  it("are not closed before what was done is on the disk without the browser asking first", async () => {
    const page = await at.visit({}, at.slowDisk);
    await at.signUp(page, at.newPerson("Ada"));
    await page.getByLabel(text.newTask).fill("Buy bread");
    await page.keyboard.press("Enter");
    await page.evaluate(() => location.reload());
    await expect.poll(() => at.forgive(/^dialog/)).toHaveLength(1);
    await page.getByText(text.saved).waitFor();
    await at.reload(page);
    expect(await at.titles(page)).toEqual(["Buy bread"]);
  });
});
