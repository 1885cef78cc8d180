import { describe, expect, it } from "vitest";
import { reasonText, text } from "../src/text";
import * as at from "./harness";
import { drag } from "./harness_drag";

describe.each([
  ["phone", at.PHONE],
  ["desktop", at.DESKTOP],
] as const)("on a %s", (device, viewport) => {
  it("somebody comes, lives with their tasks, and goes", async () => {
    const ada = at.newPerson("Ada");
    const page = await at.visit({ viewport, timezoneId: "Europe/Zurich" });
    const button = (name: string) => page.getByRole("button", { name, exact: true });
    await at.signUp(page, ada);

    await at.add(page, "Buy bread", "Call the dentist");
    await at.quickAdd(page, "Water the plants every 2 days #home", "Water the plants");
    await at.edit(page, "Buy bread", { [text.editTitle]: "Buy rolls", [text.notes]: "The *dark* ones" });
    await at.row(page, "Buy rolls").locator("em").getByText("dark").waitFor();
    await at.tick(page, "Call the dentist").click();
    await page.getByText(text.saved).waitFor();
    await at.tick(page, "Water the plants").click();
    await page.getByText(text.doneOnce("Water the plants")).waitFor();
    await at.row(page, "Water the plants").getByText("Every 2 days").waitFor();

    await drag(page, at.row(page, "Water the plants"), at.row(page, "Buy rolls"), { below: false });
    await expect.poll(() => at.openTitles(page)).toEqual(["Water the plants", "Buy rolls"]);
    await page.getByText(text.saved).waitFor();

    await at.go(page, text.search);
    await page.getByLabel(text.search, { exact: true }).fill("roll");
    await at.row(page, "Buy rolls").waitFor();
    await at.go(page, text.inbox);
    await at.row(page, "Buy rolls").hover();
    await page.getByRole("button", { name: text.remove("Buy rolls") }).click();
    await page.getByText(text.removed("Buy rolls")).waitFor();
    await button(text.undo).click();
    await at.row(page, "Buy rolls").waitFor();
    await page.getByRole("button", { name: text.remove("Water the plants") }).click();
    await at.row(page, "Water the plants").waitFor({ state: "detached" });
    await at.go(page, text.trash);
    await button(text.bringBackThis("Water the plants")).click();
    await page.getByText(text.broughtBack("Water the plants")).waitFor();
    expect(await button(text.undo).count()).toBe(0);
    await at.go(page, text.inbox);
    await at.look(page, `${device}-light-40-life`);

    await at.signOut(page);
    await at.signIn(page, ada);
    await at.listStands(page);
    expect(await at.titles(page)).toEqual(["Water the plants", "Buy rolls"]);

    await at.openAccount(page);
    await page.getByText(text.deleteAsk, { exact: true }).click();
    const password = page.locator("[name=delete_password]");
    await password.fill("not the password");
    await button(text.deleteConfirm).click();
    await page.getByText(reasonText.PASSWORD_WRONG).waitFor();
    await password.fill(ada.password);
    await button(text.deleteConfirm).click();
    await page.getByText(text.accountDeleted).waitFor();
    await at.fillCredentials(page, ada);
    await page.getByRole("button", { name: text.signIn }).click();
    await page.getByText(reasonText.CREDENTIALS_INVALID).waitFor();
  });
});
