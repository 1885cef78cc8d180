// Keeps the first load light: a build whose page asks for more compressed JavaScript than this fails.

import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const MOST_BYTES = 120 * 1024;
/** What is loaded on demand, and is needed before anybody sees a task. */
const TASKS = /src\/(services\.ts|app\/home\.tsx)$/;

/** Counts what the page loads before tasks are shown: the entry, the parts about the services and tasks, and what they import at once. */
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
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const sum = (of: typeof chunks) => of.reduce((sum, { fileName }) => sum + count(fileName), 0);
      const entry = sum(chunks.filter(({ isEntry }) => isEntry));
      const all = entry + sum(chunks.filter(({ facadeModuleId }) => TASKS.test(facadeModuleId ?? "")));
      const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
      const says = `the first load is ${kilobytes(all)} of compressed JavaScript, ${kilobytes(entry)} of it for the form to sign in; of ${kilobytes(MOST_BYTES)}`;
      if (all === entry) this.error(`no part about tasks was found: is ${TASKS} still its name?`);
      if (all > MOST_BYTES) this.error(`${says}: load on demand what is not needed at once.`);
      this.info(says);
    },
  };
}
