/**
 * Reads of records: by SysId, by unique key, along a canonical index.
 *
 * Responsible for: what a path and a query name, and the page of an index behind a cursor.
 * Not responsible for: waiting until what was read is durable (`engine.read` does), bytes of answers.
 *
 * Invariants: I1 a page goes on right behind the record of its cursor, wherever that stands now; I2 all records of an answer
 * are of one frontier.
 */
import type { Binding } from "../engine/binding.ts";
import type { ListOptions, Range } from "../engine/view.ts";
import type { FieldModel, KindModel } from "../schema/model.ts";
import { describeValue, valueFromText } from "../schema/values-json.ts";
import type { FoundRecords } from "./format.ts";
import { malformed, Refused } from "./refusal.ts";
import type { Query } from "./router.ts";
import { parseLong } from "./sources.ts";

type Found = FoundRecords["records"][number];

/** A view of the engine whose definitions a request has named: their types say nothing. */
export interface NamedView {
  readonly seq: bigint;
  find(by: unknown, ...key: readonly unknown[]): Found | undefined;
  list(index: unknown, prefix: readonly unknown[], options: ListOptions<unknown>): Iterable<Found>;
  first(index: unknown, prefix: readonly unknown[], range: Range<unknown>): Found | undefined;
  last(index: unknown, prefix: readonly unknown[], range: Range<unknown>): Found | undefined;
  count(index: unknown, prefix: readonly unknown[], options: ListOptions<unknown>): number;
  next(index: unknown, record: Found): Found | undefined;
  prev(index: unknown, record: Found): Found | undefined;
}

/** Runs on one state. */
export type Reader = (view: NamedView) => FoundRecords;

const LIMIT = 100;
const LIMIT_MAX = 1_000;
const BOUNDS = ["from", "to", "after", "before"] as const;

/** A unique key or index: what a view takes, and its fields. */
interface Path {
  readonly definition: unknown;
  readonly fields: readonly FieldModel[];
}

interface Kind {
  readonly model: KindModel;
  readonly lookup: unknown;
  readonly keys: ReadonlyMap<string, Path>;
  readonly indexes: ReadonlyMap<string, Path>;
}

export class Reads {
  private readonly kinds = new Map<string, Kind>();

  constructor(binding: Binding) {
    for (const bound of binding.kinds) {
      const own = <T extends { readonly kind: unknown }>([, one]: readonly [unknown, T]) =>
        one.kind === bound;
      const lookups = [...binding.lookups].filter(own);
      const path = (definition: unknown, name: string, fields: readonly { readonly model: FieldModel }[]) =>
        [
          name.slice(bound.name.length + 1),
          { definition, fields: fields.map(({ model }) => model) },
        ] as const;
      const keys = lookups.filter(([, { position }]) => position >= 0);
      this.kinds.set(bound.name, {
        model: bound.model,
        lookup: lookups.find(([, { position }]) => position < 0)![0],
        keys: new Map(keys.map(([key, { name, key: fields }]) => path(key, name, fields))),
        indexes: new Map(
          [...binding.indexes].filter(own).map(([index, { name, segments }]) => path(index, name, segments)),
        ),
      });
    }
  }

  private kind(name: string): Kind {
    return this.kinds.get(name) ?? notThere("kind", name, this.kinds);
  }

  bySysId([kindName, text]: readonly string[], query: Query): Reader {
    const { model, lookup } = this.kind(kindName!);
    const sysId = parseLong(text) ?? malformed("SysId", text, "a whole number of 64 bits");
    query.finish("none");
    return (view) => found(view, model, view.find(lookup, sysId), `SysId ${sysId}`);
  }

  byKey([kindName, keyName]: readonly string[], query: Query): Reader {
    const { model, keys } = this.kind(kindName!);
    const { definition, fields } =
      keys.get(keyName!) ?? notThere(`unique key of ${kindName}`, keyName!, keys);
    const names = fields.map(({ name }) => name).join(", ");
    const key = fields.map((field) => {
      return takeField(query, field) ?? malformed(field.name, undefined, `each field of the key: ${names}`);
    });
    query.finish(names);
    return (view) => found(view, model, view.find(definition, ...key.map(({ value }) => value)), "this key");
  }

  byIndex([kindName, indexName]: readonly string[], query: Query): Reader {
    const { model, lookup, indexes } = this.kind(kindName!);
    const { definition, fields } =
      indexes.get(indexName!) ?? notThere(`canonical index of ${kindName}`, indexName!, indexes);
    const limit = takeLimit(query);
    const reverse = query.takeFlag("reverse");
    const cursorText = query.take("cursor");
    const cursor =
      cursorText === undefined
        ? undefined
        : (parseLong(cursorText, 1n) ?? malformed("cursor", cursorText, "the `next` of the answer before"));
    const prefix: unknown[] = [];
    for (const field of fields) {
      const given = takeField(query, field);
      if (given === undefined) break;
      prefix.push(given.value);
    }
    const range = takeRange(query, fields[prefix.length]);
    const names = fields.map(({ name }) => name).join(", ");
    query.finish(`${names} (from the first on), ${BOUNDS.join(", ")}, reverse, limit, cursor`);
    const walk: Walk = { definition, lookup, fields, prefix, range, reverse, limit };
    return (view) => {
      const records = cursor === undefined ? firstPage(view, walk) : pageBehind(view, walk, cursor);
      const goesOn = records.length > limit;
      if (goesOn) records.pop();
      const next = goesOn ? records.at(-1)!.sysId : 0n;
      return { seq: view.seq, kind: model, records, next };
    };
  }
}

function notThere(what: string, name: string, known: ReadonlyMap<string, unknown>): never {
  const names = [...known.keys()].join(", ") || "none there";
  const message = `${what}: found ${JSON.stringify(name)}, expected one of ${names}`;
  throw new Refused({ code: "NOT_FOUND", message });
}

function found(view: NamedView, kind: KindModel, record: Found | undefined, by: string): FoundRecords {
  if (record !== undefined) return { seq: view.seq, kind, records: [record], next: 0n };
  throw new Refused({ code: "NOT_FOUND", message: `no ${kind.name} has ${by} at frontier ${view.seq}` });
}

// ---- queries ---------------------------------------------------------------------------------------------

const RESERVED: ReadonlySet<string> = new Set([...BOUNDS, "reverse", "limit", "cursor"]);

/** The value of a field in a query; a field with the name of an option is written `field.NAME`. */
function takeField(query: Query, field: FieldModel): { readonly value: unknown } | undefined {
  const text =
    query.take(`field.${field.name}`) ?? (RESERVED.has(field.name) ? undefined : query.take(field.name));
  return text === undefined ? undefined : { value: parseField(field.name, field, text) };
}

function parseField(name: string, field: FieldModel, text: string): unknown {
  if (field.nullable && text === "null") return null;
  return valueFromText(field, text) ?? malformed(name, text, describeValue(field));
}

function takeLimit(query: Query): number {
  const text = query.take("limit");
  if (text === undefined) return LIMIT;
  const limit = Number(parseLong(text, 1n) ?? 0n);
  if (limit >= 1 && limit <= LIMIT_MAX) return limit;
  return malformed("limit", text, `a whole number from 1 to ${LIMIT_MAX}`);
}

/** Bounds on the segment behind the prefix. */
function takeRange(query: Query, segment: FieldModel | undefined): Range<unknown> {
  const range: Record<string, unknown> = {};
  for (const bound of BOUNDS) {
    const text = query.take(bound);
    if (text === undefined) continue;
    if (segment === undefined)
      return malformed(bound, text, "no bound: the prefix names every field of the index");
    range[bound] = parseField(bound, segment, text);
  }
  if ("from" in range && "after" in range) malformed("after", range.after, "one of from and after");
  if ("to" in range && "before" in range) malformed("before", range.before, "one of to and before");
  return range;
}

// ---- pages of an index -----------------------------------------------------------------------------------

interface Walk {
  readonly definition: unknown;
  readonly lookup: unknown;
  readonly fields: readonly FieldModel[];
  readonly prefix: readonly unknown[];
  readonly range: Range<unknown>;
  readonly reverse: boolean;
  readonly limit: number;
}

/** One record more than the limit shows that the list goes on. */
function firstPage(view: NamedView, { definition, prefix, range, reverse, limit }: Walk): Found[] {
  return [...view.list(definition, prefix, { ...range, reverse, limit: limit + 1 })];
}

function pageBehind(view: NamedView, walk: Walk, cursor: bigint): Found[] {
  const { definition, lookup, prefix, range, reverse, limit } = walk;
  const record = view.find(lookup, cursor);
  if (record === undefined || !isInRange(view, walk, record)) {
    const what = record === undefined ? "has been deleted" : "is no longer in this part of the index";
    const message = `cursor: the record with SysId ${cursor} ${what}; begin again without a cursor, or behind a bound`;
    throw new Refused({ code: "CURSOR_GONE", message, field: "cursor" });
  }
  const last = reverse ? view.first(definition, prefix, range) : view.last(definition, prefix, range);
  const records: Found[] = [];
  let at: Found | undefined = record;
  while (at !== undefined && at.sysId !== last?.sysId && records.length <= limit) {
    at = reverse ? view.prev(definition, at) : view.next(definition, at);
    if (at !== undefined) records.push(at);
  }
  return records;
}

/**
 * Whether a record is under the prefix and within the bounds. Which of two keys is the greater is for the core to say: it
 * counts what is between a bound and the record.
 */
function isInRange(view: NamedView, { definition, fields, prefix, range }: Walk, record: Found): boolean {
  const own = fields.map(({ name }) => record[name]);
  if (!prefix.every((value, position) => isSame(value, own[position]))) return false;
  const isThere = (values: readonly unknown[], bounds: Range<unknown>): boolean =>
    view.count(definition, values, { ...bounds, limit: 1 }) > 0;
  if (!isThere(own, {})) return false;
  const { from, after, to, before } = range;
  const segment = own[prefix.length];
  if ((from !== undefined || after !== undefined) && !isThere(prefix, { from, after, to: segment }))
    return false;
  return (to === undefined && before === undefined) || isThere(prefix, { from: segment, to, before });
}

function isSame(a: unknown, b: unknown): boolean {
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
