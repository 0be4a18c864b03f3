/** `npm run bench`: builds the project, installs the package in bench/ (the peers), runs it with the arguments given. */
import { join } from "node:path";
import { buildAll } from "./build.mjs";
import { fail, install, root } from "./project.mjs";

install();
if (!buildAll()) fail("The build failed: its message stands above.");
// The peers compile native code when they are installed, so their install scripts run.
install(join(root, "bench"), []);
await import("../bench/main.mjs");
