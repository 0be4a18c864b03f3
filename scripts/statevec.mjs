/** `npm run -s statevec -- ...`: the command line of this checkout, built first where it is stale. */
import { buildAll } from "./build.mjs";
import { fail, install } from "./project.mjs";

install();
if (!buildAll({ quiet: true })) fail("The build failed: its message stands above.");
await import("../build/src/cli/main.js");
