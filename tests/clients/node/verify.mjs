// Runs the Node snippet of docs/keys.md, which the test puts beside this file, on the tokens of a file.
import { readFileSync } from "node:fs";
import { verify } from "./snippet.mjs";

const given = JSON.parse(readFileSync(process.argv[2], "utf8"));
const keys = new Map(Object.entries(given.keys));
for (const [name, token] of given.tokens) {
  const said = await verify(token, keys).then(
    (claims) => claims.sub,
    () => "refused",
  );
  console.log(`${name}: ${said}`);
}
