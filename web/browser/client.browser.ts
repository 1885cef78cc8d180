// The client package as others get it: built, imported by name from plain Node, each example of its page run against a
// real system over gRPC.

import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";

const run = promisify(execFile);
const web = new URL("..", import.meta.url).pathname;
const folder = `${web}test-results/client`;
const address = process.env["TANDEM_WEB_URL"] ?? "http://127.0.0.1:8080";

const page = readFileSync(`${web}client/README.md`, "utf8");
const examples = [...page.matchAll(/^## (.+?)\n.*?```js\n(.*?)```/gms)].map(([, title = "", code = ""]) => ({
  title,
  code,
}));

beforeAll(async () => {
  await run("npx", ["tsc", "-p", "client/tsconfig.build.json"], { cwd: web });
  mkdirSync(folder, { recursive: true });
});

it.each([
  ["Sign in and call", "Buy bread\nsigned-in\n"],
  ["Decide on errors", "FIELD_INVALID email,password\n"],
  ["Keep a copy, and edit without a network", "1 true\nthe dark one\n"],
])("the example «%s» of the client's page does what the page says", async (title, says) => {
  const example = examples.find((example) => example.title === title);
  const file = `${folder}/${title.toLowerCase().replaceAll(/\W+/g, "_")}.mjs`;
  writeFileSync(file, example?.code ?? "");
  // The web origin passes on both packages, gRPC too.
  const env = { ...process.env, TANDEM_AUTH_URL: address, TANDEM_TASKS_URL: address };
  const { stdout } = await run("node", [file], { cwd: web, env, timeout: 60_000 });
  expect(stdout).toBe(says);
});

it("no example of the client's page is left out", () => {
  expect(examples).toHaveLength(3);
});
