/** What an engine's command line runs, bundled: all programs, and what they made as one line of JSON. */
import sealedExchange from "../../examples/exchange/build/exchange.wasm";
import { runPrograms } from "./programs.ts";

console.log(JSON.stringify(await runPrograms(sealedExchange)));
