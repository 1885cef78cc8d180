import { describe, expect, it } from "vitest";
import { reasonText, text } from "../src/text";
import * as at from "./harness";

describe("an account in the browser", () => {
  it("is made, left and entered again, and outlives a reload", async () => {
    const ada = at.newPerson("Ada");
    const page = await at.visit();
    await at.signUp(page, ada);
    await page.getByText(ada.name).waitFor();
    await at.add(page, "Water the plants");

    await at.reload(page);
    expect(await at.titles(page)).toEqual(["Water the plants"]);

    await at.signOut(page);
    await page.reload();
    await page.getByRole("heading", { name: text.signInTitle }).waitFor();

    await at.signIn(page, ada);
    await at.row(page, "Water the plants").waitFor();
  });

  it("leaves no token where a script could find it", async () => {
    const page = await at.visit();
    await at.signUp(page, at.newPerson("Ada"));
    const found = await page.evaluate(() => [
      document.cookie,
      ...Object.keys(sessionStorage),
      ...Object.keys(localStorage),
    ]);
    expect(found.filter((thing) => !["tandem.device", "tandem.person"].includes(thing))).toEqual([""]);
    const kept = await page.evaluate(() => Object.values(localStorage).join());
    expect(kept).not.toContain("eyJ");

    const cookies = await page.context().cookies();
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: "Strict" });
  });

  it("comes compressed, under a policy that allows nothing but its own files", async () => {
    const page = await at.visit();
    const headers = (await page.reload())?.headers() ?? {};
    expect(headers["content-encoding"]).toBe("br");
    const policy = headers["content-security-policy"] ?? "";
    expect(policy).toMatch(/default-src '(none|self)'/);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
  });

  it("tells every fault at its field", async () => {
    const page = await at.visit();
    await page.getByRole("link", { name: text.signUp }).click();
    await at.fillCredentials(page, { email: "not an email", password: "short" });
    await page.getByRole("button", { name: text.signUp }).click();
    const email = page.getByLabel(text.email);
    await page.locator("[aria-invalid=true]").first().waitFor();
    expect(await email.getAttribute("aria-invalid")).toBe("true");
    expect(await page.getByRole("textbox", { name: text.password }).getAttribute("aria-invalid")).toBe("true");
    expect(await page.locator(".field-fault").count()).toBe(2);
    await expect.poll(() => email.evaluate((input) => input === document.activeElement)).toBe(true);
  });

  it("is refused in plain words", async () => {
    const ada = at.newPerson("Ada");
    const page = await at.visit();
    await at.signUp(page, ada);
    await at.signOut(page);

    await at.fillCredentials(page, { ...ada, password: "not the password" });
    await page.getByRole("button", { name: text.signIn }).click();
    await page.getByText(reasonText.CREDENTIALS_INVALID).waitFor();

    await page.getByRole("link", { name: text.signUp }).click();
    await at.fillCredentials(page, ada);
    await page.getByRole("button", { name: text.signUp }).click();
    await page.getByText(reasonText.EMAIL_TAKEN).waitFor();
  });

  it("is the same in all tabs: a reload of many at once, and a sign-out in one", async () => {
    const first = await at.visit();
    await at.signUp(first, at.newPerson("Ada"));
    const others = await Promise.all([1, 2, 3].map(() => at.openTab(first.context())));
    const tabs = [first, ...others];
    await Promise.all(tabs.map((tab) => at.reload(tab)));

    await at.signOut(first);
    await Promise.all(tabs.map((tab) => tab.getByRole("heading", { name: text.signInTitle }).waitFor()));
  });
});
