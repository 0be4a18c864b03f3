/** `statevec state DIR`: the records of a kind as they are at the end of the history, or the size of the state. */
import { openInspector } from "../inspect/index.ts";
import type { KindModel, PathModel, SchemaModel } from "../schema/model.ts";
import { valuesForJson } from "../schema/values-json.ts";
import { AppliedState, type StateRecord } from "./applied-state.ts";
import { parsePath, parseValue } from "./arguments.ts";
import { CliError, EXIT_GOOD, EXIT_NOT_FOUND, EXIT_USAGE } from "./exit-codes.ts";
import { FrameReader } from "./frame-reader.ts";
import type { Output } from "./output.ts";
import { openPlace, unacknowledgedText } from "./place.ts";

export interface StateOptions {
  readonly kind: string | undefined;
  /** `NAME=VALUE,...` */
  readonly uk: string | undefined;
  /** `NAME=PREFIX,...` */
  readonly index: string | undefined;
  readonly size: boolean;
  readonly json: boolean;
}

/** Which records of which kind are wanted. */
interface Selection {
  readonly kind: KindModel;
  readonly records: (state: AppliedState) => readonly StateRecord[];
  readonly isSingle: boolean;
}

/** @returns the exit code */
export async function state(directory: string, options: StateOptions, output: Output): Promise<number> {
  const place = await openPlace(directory);
  const { model, descriptor } = await FrameReader.of(place.history);
  const selection = options.kind === undefined ? undefined : select(model, options.kind, options);
  if (selection === undefined && !options.size) {
    throw new CliError(EXIT_USAGE, `--kind is missing: one of ${namesOf(model.kinds)}`);
  }
  const applied = await AppliedState.of(place, model);
  if (options.size) await printSize(applied, model, options.json, output);
  else await printRecords(applied, selection!, options.json ? null : descriptor, output);
  await output.flush();
  const note = unacknowledgedText(place.info);
  if (note !== undefined) process.stderr.write(`${note}\n`);
  return EXIT_GOOD;
}

function namesOf(items: readonly { readonly name: string }[]): string {
  return items.map(({ name }) => name).join(", ") || "none there";
}

function find<T extends { readonly name: string }>(option: string, items: readonly T[], name: string): T {
  const found = items.find((item) => item.name === name);
  if (found !== undefined) return found;
  throw new CliError(EXIT_USAGE, `${option}: found "${name}", expected one of ${namesOf(items)}`);
}

function select(model: SchemaModel, name: string, { uk, index }: StateOptions): Selection {
  const kind = find("--kind", model.kinds, name);
  if (uk !== undefined) {
    const { path, prefix } = parsePrefix("--uk", kind, kind.unique, uk);
    if (prefix.length !== path.segments.length) {
      const fields = path.segments.map(({ field }) => kind.fields[field]!.name).join(",");
      throw new CliError(EXIT_USAGE, `--uk ${path.name}: found ${prefix.length} values, expected ${fields}`);
    }
    const records = (state: AppliedState) => [state.byUniqueKey(kind, path, prefix) ?? []].flat();
    return { kind, records, isSingle: true };
  }
  if (index === undefined) return { kind, records: (state) => state.all(kind), isSingle: false };
  const { path, prefix } = parsePrefix("--index", kind, kind.indexes, index);
  return { kind, records: (state) => state.byIndex(kind, path, prefix), isSingle: false };
}

function parsePrefix(option: string, kind: KindModel, paths: readonly PathModel[], text: string) {
  const { name, values } = parsePath(option, text);
  const path = find(option, paths, name);
  if (values.length > path.segments.length) {
    const expected = `at most ${path.segments.length}`;
    throw new CliError(EXIT_USAGE, `${option} ${name}: found ${values.length} values, expected ${expected}`);
  }
  const prefix = values.map((value, position) => {
    return parseValue(`${option} ${name}`, kind.fields[path.segments[position]!.field]!, value);
  });
  return { path, prefix };
}

/** @param descriptor of the schema, for text; null: JSON is wanted */
async function printRecords(
  applied: AppliedState,
  { kind, records, isSingle }: Selection,
  descriptor: Uint8Array | null,
  output: Output,
): Promise<void> {
  const found = records(applied);
  const inspector = descriptor && (await openInspector({ descriptor }));
  for (const { sysId, revision, lastFrame, values, bytes } of found) {
    if (inspector) await output.line(inspector.recordText(kind.name, bytes));
    else await output.json({ sysId, revision, lastFrame, values: valuesForJson(kind.fields, values) });
  }
  if (isSingle && found.length === 0)
    throw new CliError(EXIT_NOT_FOUND, `no ${kind.name} has this unique key`);
}

async function printSize(
  applied: AppliedState,
  model: SchemaModel,
  json: boolean,
  output: Output,
): Promise<void> {
  const { stateBytes, memoryBytes } = applied;
  const counts = model.kinds.map((kind) => [kind.name, applied.all(kind).length] as const);
  if (json) return output.json({ records: Object.fromEntries(counts), stateBytes, memoryBytes });
  for (const [name, count] of counts) await output.line(`${name}  ${count} records`);
  await output.line(`state   ${stateBytes} bytes (what the limit stateMiB is about)`);
  await output.line(`memory  ${memoryBytes} bytes in use by the core`);
}
