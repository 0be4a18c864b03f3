/** `npm run service`: installs and builds what is missing, then runs the exchange as a service with the arguments given. */
import { buildAll } from "./build.mjs";
import { fail, install } from "./project.mjs";

install();
if (!buildAll()) fail("The build failed: its message stands above.");
await import("../build/examples/exchange/service/main.js");
