/**
 * Names of a schema as names of protobuf.
 *
 * Responsible for: the spelling alone. Not responsible for: names that meet (domain-file.ts).
 */

/** `orderId`, `OrderID` and `order_id` to `order_id`; a digit starts no word. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .replace(/_+/g, "_")
    .replace(/_$/, "");
}

/** `Gtc` to `GTC`, `ExpireMaker` to `EXPIRE_MAKER`. */
export function upperSnakeCase(name: string): string {
  return snakeCase(name).toUpperCase();
}

/** `UNKNOWN_ORDER` and `unknownOrder` to `UnknownOrder`. */
export function pascalCase(name: string): string {
  return snakeCase(name)
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

/** The JSON name that protobuf gives a field which declares none: `order_id` to `orderId`. */
export function defaultJsonName(name: string): string {
  return name.replace(/_+(.?)/g, (_, letter: string) => letter.toUpperCase());
}
