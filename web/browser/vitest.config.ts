import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["source", ...defaultServerConditions] } },
  test: {
    dir: import.meta.dirname,
    include: ["**/*.browser.ts"],
    // One browser, one story after the other.
    fileParallelism: false,
    // For slow machines; nothing waits longer than it must.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // Whoever reads a log looks for what failed: a line for each file, and not one for each story.
    slowTestThreshold: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
