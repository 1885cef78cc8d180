// The built app from a server that knows nothing but files, with the services at two other addresses.

import { createReadStream, existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { extname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { text } from "../src/text";
import * as at from "./harness";

/** The one that the services allow to call: `TANDEM_ALLOWED_ORIGINS`. */
const here = process.env["TANDEM_ELSEWHERE_ADDR"] ?? "";
const services = { auth: process.env["TANDEM_AUTH_URL"] ?? "", tasks: process.env["TANDEM_TASKS_URL"] ?? "" };
const root = new URL("../dist/", import.meta.url).pathname;
const TYPES: Record<string, string> = { ".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml" };
const POLICY = `default-src 'self'; connect-src 'self' ${services.auth} ${services.tasks}; require-trusted-types-for 'script'`;

describe.runIf(here)("the app from any server of files", () => {
  let server: Server;

  beforeAll(async () => {
    server = createServer(({ url = "/" }, response) => {
      response.setHeader("content-security-policy", POLICY);
      if (url === "/settings.json") return response.end(JSON.stringify(services));
      const file = join(root, new URL(url, "http://any").pathname);
      const path = url !== "/" && existsSync(file) ? file : join(root, "index.html");
      response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
      return createReadStream(path).pipe(response);
    });
    const [host, port] = here.split(":");
    await new Promise<void>((resolve) => server.listen(Number(port), host, resolve));
  });
  afterAll(() => server.close());

  it("reaches both services by their addresses, and keeps nothing for the next page", async () => {
    const ada = at.newPerson("Ada");
    const page = await at.visit({ baseURL: `http://${here}` });
    await at.signUp(page, ada);
    await page.getByText(text.keptNowhere).waitFor();
    await at.add(page, "Buy bread", "Call the dentist");
    await at.tick(page, "Buy bread").click();
    await page.getByText(text.saved).waitFor();
    const desk = await at.visit({ viewport: at.DESKTOP });
    await at.signIn(desk, ada);
    await expect.poll(() => at.titles(desk)).toEqual(["Call the dentist"]);
    await at.add(desk, "Water the plants");
    await at.row(page, "Water the plants").waitFor();

    expect(await page.evaluate(async () => [document.cookie, localStorage.length, (await indexedDB.databases()).length])).toEqual(["", 0, 0]);
    await page.reload();
    await page.getByRole("heading", { name: text.signInTitle }).waitFor();
    await at.signIn(page, ada);
    await at.row(page, "Water the plants").waitFor();
    await at.signOut(page);
    const asked = new Set(at.forgive(/^request to /).map((trouble) => new URL(trouble.slice(11)).origin));
    expect(asked).toEqual(new Set([`http://${here}`, services.auth, services.tasks]));
    at.forgive(at.NETWORK);
  });
});
