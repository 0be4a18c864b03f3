/**
 * Results that leave their type: the command is faulted with OVERFLOW, and the handler ends there.
 *
 * Not responsible for: finding out that a result does not fit (num/, wide.ts).
 */
import { CODE_OVERFLOW } from "../abi";
import { opFault } from "./operations";

/** Faults the command with OVERFLOW of field 0 (arithmetic). Does not return: the handler traps. */
export function overflow(): void {
  opFault(CODE_OVERFLOW, 0);
  unreachable();
}
