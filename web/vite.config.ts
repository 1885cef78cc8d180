import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { defaultClientConditions, defaultServerConditions, type Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { budget } from "./budget.ts";
import { compressed } from "./compress.ts";
import { firstView } from "./first_view.ts";

// Where a running Tandem is, for `npm run dev` only. The built app calls the origin that it came from.
const system = process.env["TANDEM_WEB_URL"] ?? "http://127.0.0.1:8080";

/** The worker knows every file of the build by name, and is another one whenever the build is. */
const worker: Plugin = {
  name: "tandem-worker",
  apply: "build",
  generateBundle(_, bundle) {
    const assets = Object.keys(bundle).filter((name) => name.startsWith("assets/") && !name.endsWith(".map"));
    const files = ["/", ...[...assets, ...readdirSync("public")].map((name) => `/${name}`)];
    const version = createHash("sha256")
      .update(files.join())
      .update(readFileSync("index.html"))
      .digest("hex")
      .slice(0, 12);
    const source = readFileSync("sw.js", "utf8")
      .replace('["files"]', JSON.stringify(files))
      .replace("tandem.app.version", `tandem.app.${version}`);
    this.emitFile({ type: "asset", fileName: "sw.js", source });
  },
};

export default defineConfig({
  plugins: [budget(), firstView(), worker, compressed()],
  // The client from its sources: nothing has to be built twice.
  resolve: { conditions: ["source", ...defaultClientConditions] },
  ssr: { resolve: { conditions: ["source", ...defaultServerConditions] } },
  build: {
    target: "es2022",
    // The page's policy allows its own files only: nothing may be put into the page or into a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      // The refresh cookie is only given to the public origin, so the proxy speaks for it.
      "/tandem.": { target: system, changeOrigin: true, headers: { origin: system } },
    },
  },
  test: { include: ["{src,client/src}/**/*.test.ts"] },
});
