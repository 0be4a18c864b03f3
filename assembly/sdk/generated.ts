/**
 * `statevec/assembly/sdk/generated`: what the classes generated from a schema are made of. Handlers do not import it.
 */

export { DETAILS_AT, MESSAGE_AT, SCRATCH_A_AT } from "../abi";
export * from "./bytes";
export * from "./cursor";
export * from "./decide";
export * from "./flaw";
export * from "./items";
export * from "./lengthed";
export * from "./operations";
export * from "./payload";
export * from "./prefix";
export * from "./row";
export * from "./text";
export * from "./wide";
