// What makes a browser offer to install the app, as Chromium itself judges it.

import { expect, it } from "vitest";
import { text } from "../src/text";
import * as at from "./harness";

it("the app can be installed, and opens from there on its own", async () => {
  const page = await at.visit();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const devtools = await page.context().newCDPSession(page);
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // A test's browser forgets everything, and Chromium installs nothing in such a one.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual([]);
  const { data, errors, url } = await devtools.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  expect(new URL(url).pathname).toBe("/manifest.webmanifest");
  const manifest: { name: string; display: string; start_url: string; icons: { src: string }[] } = JSON.parse(data ?? "{}");
  expect(manifest).toMatchObject({ name: text.product, display: "standalone", start_url: "/" });
  const answers = await page.evaluate(
    async (files) => await Promise.all(files.map(async (file) => (await fetch(file)).headers.get("content-type"))),
    manifest.icons.map(({ src }) => src),
  );
  for (const type of answers) expect(type).toMatch(/^image\//);
});
