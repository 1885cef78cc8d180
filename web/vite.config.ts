import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { budget } from "./budget.ts";

// Where a running Tandem is, for `npm run dev` only. The built app calls the origin that it came from.
const system = process.env["TANDEM_WEB_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [budget()],
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
