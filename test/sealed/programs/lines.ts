/** Text of programs, line by line: blocks are indented by one step. */

export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** `head {`, the lines, `}`. */
export function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...indented(lines), "}"];
}

/** `seeU64`, `seeText`: the helper that takes a value of a type into what the handler saw. */
export function seeing(type: string): string {
  return `see${type[0]!.toUpperCase()}${type.slice(1)}`;
}
