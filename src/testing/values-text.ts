/**
 * Values as a test's author writes them: `100n`, `"ada"`, `{ owner: "ada" }`.
 *
 * Responsible for: text of values, and whether two values are the same. Not responsible for: frames (comparison.ts).
 */

/** One value as a literal of TypeScript, as far as there is one. */
export function literal(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Uint8Array) return `bytes [${Array.from(value).join(", ")}]`;
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    if (entries.length === 0) return "{}";
    return `{ ${entries.map(([name, one]) => `${name}: ${literal(one)}`).join(", ")} }`;
  }
  return String(value);
}

/** Whether two values of a field are the same. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, index) => byte === b[index]);
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  }
  return Object.is(a, b);
}
