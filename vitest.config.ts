/** Tests run on the sources: the package's own names resolve to src/, the core to the bytes that the build made. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^statevec$/, replacement: source("./src/index.ts") },
      { find: /^statevec\/schema$/, replacement: source("./src/schema/index.ts") },
      { find: /^statevec\/node$/, replacement: source("./src/node.ts") },
      { find: /^statevec\/browser$/, replacement: source("./src/browser.ts") },
      { find: /^statevec\/client$/, replacement: source("./src/client/index.ts") },
      { find: /^statevec\/testing$/, replacement: source("./src/testing/index.ts") },
      { find: /^statevec\/vectors$/, replacement: source("./src/vectors/index.ts") },
      { find: /^statevec\/service$/, replacement: source("./src/service/index.ts") },
      { find: /^#core-bytes$/, replacement: source("./build/core-bytes.js") },
      { find: /^#as-bind$/, replacement: source("./build/as-bind.js") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
