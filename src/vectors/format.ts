/**
 * Vector files as text: what a reviewer reads, and what a diff shows.
 *
 * Responsible for: one text for each value. Whatever fits a line stands on one; of what does not, file and steps have a
 * line for each member, everything else is packed: single values share lines, lists and objects have their own.
 * Not responsible for: what the members are (vectors.ts).
 */
import { VECTORS_FORMAT, type VectorScript } from "./vectors.ts";

const WIDTH = 110;

/**
 * The text of a vector file.
 * @example writeFileSync("test/bank.vectors.json", formatVectors(await runVectors(bank, script)));
 */
export function formatVectors(vectors: VectorScript): string {
  const { about, lane, engine, schema, limits, steps } = vectors;
  const head = { vectors: VECTORS_FORMAT, about, lane, engine, schema, limits };
  const members = membersOf(head).map(([name, value]) => `  ${memberText(name, value, "  ")}`);
  const items = steps.map((step) => `    ${stepText(step)}`);
  const list = items.length === 0 ? "[]" : `[\n${items.join(",\n")}\n  ]`;
  return `{\n${[...members, `  "steps": ${list}`].join(",\n")}\n}\n`;
}

/** Members in the order in which they are read: when and what, then what came of it. */
function stepText(step: VectorScript["steps"][number]): string {
  const { about, timeNs, result, ...command } = step;
  const members = membersOf({ about, timeNs, ...command, result });
  return `{\n${members.map(([name, value]) => `      ${memberText(name, value, "      ")}`).join(",\n")}\n    }`;
}

function memberText(name: string, value: unknown, indent: string): string {
  const label = `${JSON.stringify(name)}: `;
  return label + textOf(value, indent, label.length);
}

/** @param before columns of the first line that are taken behind the indent */
function textOf(value: unknown, indent: string, before: number): string {
  const line = lineOf(value);
  if (!isComposite(value) || indent.length + before + line.length < WIDTH) return line;
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = Array.isArray(value)
    ? value.map((item) => ({ single: !isComposite(item), text: textOf(item, inner, 0) }))
    : membersOf(value).map(([name, item]) => {
        return { single: !isComposite(item), text: memberText(name, item, inner) };
      });
  return `${open}\n${packed(parts, inner).join(",\n")}\n${indent}${close}`;
}

/** Lines of parts: single values fill a line, everything else has its own. */
function packed(parts: readonly { readonly single: boolean; readonly text: string }[], indent: string) {
  const lines: string[] = [];
  let isOpen = false;
  for (const { single, text } of parts) {
    const joined = `${lines.at(-1)}, ${text}`;
    if (single && isOpen && joined.length < WIDTH) lines[lines.length - 1] = joined;
    else lines.push(indent + text);
    isOpen = single;
  }
  return lines;
}

function lineOf(value: unknown): string {
  if (!isComposite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(lineOf).join(", ")}]`;
  const members = membersOf(value).map(([name, member]) => `${JSON.stringify(name)}: ${lineOf(member)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function isComposite(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function membersOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, member]) => member !== undefined);
}
