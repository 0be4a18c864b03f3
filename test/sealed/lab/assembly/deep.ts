/** The bottom of a chain of calls; deep-chain.ts writes a longer one for the test that needs the stack to end. */
import { Deep, Done } from "../build/lab.schema";

export function deep(cmd: Deep): void {
  Done.emit({ value: cmd.value });
}
