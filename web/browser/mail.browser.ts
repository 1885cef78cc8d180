// The ways that lead through a mail, from the button that asks for it to what its link does.

import { describe, expect, it } from "vitest";
import { reasonText, text } from "../src/text";
import * as at from "./harness";
import { mailbox, mailedLink } from "./harness_mail";

describe.runIf(mailbox)("the link in a mail", () => {
  it("confirms the email, once, and a newer one voids it", async () => {
    const ada = at.newPerson("Ada");
    const page = await at.visit();
    await at.signUp(page, ada);
    const first = await mailedLink(ada.email, "verify");
    await at.openAccount(page);
    await page.getByRole("button", { name: text.sendConfirmation }).click();
    await page.getByText(text.confirmationSent).waitFor();
    const link = await mailedLink(ada.email, "verify", first);

    const tab = await at.openTab(page.context());
    await tab.goto(first);
    await tab.getByRole("button", { name: text.verify }).click();
    await tab.getByText(reasonText.CODE_INVALID).waitFor();
    await tab.goto("about:blank");
    await tab.goto(link);
    await tab.getByRole("button", { name: text.verify }).click();
    await tab.getByText(text.verified(ada.email)).waitFor();
    await at.look(tab, "phone-light-verified");
    await tab.getByRole("link", { name: text.goOn }).click();
    await at.openAccount(tab);
    await tab.getByRole("region", { name: text.email }).getByText(text.confirmed, { exact: true }).waitFor();

    await tab.goto(link);
    await tab.getByRole("button", { name: text.verify }).click();
    await tab.getByText(reasonText.CODE_INVALID).waitFor();
    at.forgive(/^request to about:blank/);
  });

  it("gives a new password to who forgot theirs, and ends what the old one began", async () => {
    const ada = at.newPerson("Ada");
    const desk = await at.visit({ viewport: at.DESKTOP });
    await at.signUp(desk, ada);
    await at.add(desk, "Buy bread");
    await desk.getByText(text.saved).waitFor();

    const phone = await at.visit();
    await phone.getByRole("link", { name: text.forgot }).click();
    await phone.getByRole("heading", { name: text.forgotTitle }).waitFor();
    await phone.getByLabel(text.email).fill(ada.email);
    await phone.getByRole("button", { name: text.sendLink }).click();
    await phone.getByText(text.resetSent).waitFor();
    await phone.goto(await mailedLink(ada.email, "reset"));
    const next = { ...ada, password: "seven quiet rivers under ice" };
    await phone.getByRole("textbox", { name: text.newPassword }).fill(next.password);
    await phone.getByRole("button", { name: text.reset }).click();
    await phone.getByText(text.resetDone).waitFor();
    await desk.getByText(text.sessionEnded).waitFor();

    await phone.getByRole("link", { name: text.signIn }).click();
    await at.fillCredentials(phone, ada);
    await phone.getByRole("button", { name: text.signIn }).click();
    await phone.getByText(reasonText.CREDENTIALS_INVALID).waitFor();
    await at.signIn(phone, next);
    await at.row(phone, "Buy bread").waitFor();
    at.forgive(at.NETWORK);
  });

  it("moves the account to another email, with which one signs in from then on", async () => {
    const ada = at.newPerson("Ada");
    const next = { ...ada, email: at.newPerson("Ada").email };
    const page = await at.visit();
    await at.signUp(page, ada);
    await at.openAccount(page);
    await page.getByText(text.changeEmail, { exact: true }).first().click();
    await page.getByLabel(text.newEmail).fill(next.email);
    await page.locator("[name=email_password]").fill(ada.password);
    await page.getByRole("button", { name: text.changeEmail }).click();
    await page.getByText(text.emailAsked(next.email)).waitFor();

    await page.goto(await mailedLink(next.email, "verify"));
    await page.getByRole("button", { name: text.verify }).click();
    await page.getByText(text.verified(next.email)).waitFor();
    await page.getByRole("link", { name: text.goOn }).click();
    await at.openAccount(page);
    await page.getByRole("region", { name: text.email }).getByText(next.email).waitFor();
    await at.signOut(page);
    await at.fillCredentials(page, ada);
    await page.getByRole("button", { name: text.signIn }).click();
    await page.getByText(reasonText.CREDENTIALS_INVALID).waitFor();
    await at.signIn(page, next);
    expect(await at.titles(page)).toEqual([]);
  });
});
