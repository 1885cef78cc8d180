// Keeps the first load light: a build whose page asks for more compressed JavaScript than this fails.

import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const MOST_BYTES = 120 * 1024;

/** Counts what the page loads before anything is shown: the entry, and what that imports at once. */
export function budget(): Plugin {
  return {
    name: "tandem-budget",
    generateBundle(_, bundle) {
      const counted = new Set<string>();
      const count = (name: string): number => {
        const file = bundle[name];
        if (file?.type !== "chunk" || counted.has(name)) return 0;
        counted.add(name);
        return gzipSync(file.code).length + file.imports.reduce((sum, name) => sum + count(name), 0);
      };
      const entries = Object.values(bundle).filter((file) => file.type === "chunk" && file.isEntry);
      const bytes = entries.reduce((sum, { fileName }) => sum + count(fileName), 0);
      const says = `the first load is ${(bytes / 1024).toFixed(1)} KB of compressed JavaScript, of ${MOST_BYTES / 1024}`;
      if (bytes > MOST_BYTES) this.error(`${says}: load on demand what is not needed at once.`);
      this.info(says);
    },
  };
}
