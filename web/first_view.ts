// Draws the first view into the page, and puts the script before it that decides what of it is seen.

import { readFileSync } from "node:fs";
import { defaultServerConditions, minify, runnerImport, type Plugin } from "vite";

/** The page is the app's own first drawing: there is no second text of it that could differ. */
async function drawn(): Promise<{ form: string; splash: string }> {
  const { module } = await runnerImport<typeof import("./src/first_view.tsx")>("./src/first_view.tsx", {
    configFile: false,
    resolve: { conditions: ["source", ...defaultServerConditions] },
  });
  return module.firstView();
}

export function firstView(): Plugin {
  return {
    name: "tandem-first-view",
    apply: "build",
    async buildStart() {
      const { code } = await minify("first.js", readFileSync("first.js", "utf8"));
      this.emitFile({ type: "asset", name: "first.js", source: code });
    },
    transformIndexHtml: {
      order: "post",
      async handler(page, { bundle }) {
        const { form, splash } = await drawn();
        const first = Object.keys(bundle ?? {}).find((name) => /^assets\/first-.*\.js$/.test(name));
        const parts = { "first script": `<script src="/${first}"></script>`, splash, "first view": form };
        return Object.entries(parts).reduce((page, [name, part]) => {
          if (!page.includes(`<!-- ${name} -->`)) throw new Error(`index.html has no place for the ${name}`);
          return page.replace(`<!-- ${name} -->`, () => part);
        }, page);
      },
    },
  };
}
