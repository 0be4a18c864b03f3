/**
 * `statevec/assembly`: what a handler of a sealed domain may import.
 *
 * What only generated code imports is in generated.ts.
 */
export { Bytes } from "./bytes";
export { Cursor } from "./cursor";
export { BytesItems, I128Items, Items, TextItems, U128Items } from "./items";
export { num, Rounding } from "./num";
export { Prefix } from "./prefix";
export { SysId } from "./row";
export { Text } from "./text";
export { Source, tx } from "./tx";
export { I128, U128 } from "./wide";
