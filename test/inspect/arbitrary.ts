/**
 * Random values, and frames put together from them, for the tests of inspection.
 *
 * Responsible for: bodies that the core could have written under a schema, every outcome, code, delta form and source.
 * Not responsible for: what they say; the texts are judged by sentence.ts.
 */
import fc from "fast-check";
import * as abi from "../../assembly/abi.ts";
import { compileCodecs, type GroupCodec, type SchemaCodecs, type Values } from "../../src/schema/codec.ts";
import { LIMITS, MISUSE_NAMES } from "../../src/schema/framework-codes.ts";
import type { FieldModel, KindModel, SchemaModel } from "../../src/schema/model.ts";
import { rangeOf } from "../../src/schema/model.ts";
import { body, delta, event, type Head, little } from "../history/frame-bytes.ts";
import { validValues } from "../model/pools.ts";

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const u32 = fc.nat(2 ** 32 - 1);

const SPECIAL_TEXTS = ["\uFEFFa", '"\\', "\b\f\n\r\t\x01\x1f", "\x7f\u2028", "é€😀", "\u{10FFFF}"];

function scalar(field: FieldModel): fc.Arbitrary<unknown> {
  const boundary = fc.constantFrom(...validValues({ ...field, repeated: false }));
  if (field.type === "bool" || field.type === "enum") return boundary;
  if (field.type === "bytes") return fc.oneof(boundary, fc.uint8Array({ maxLength: field.maxBytes }));
  if (field.type === "text") {
    const fits = (text: string) => new TextEncoder().encode(text).length <= field.maxBytes;
    const random = fc.string({ unit: "binary", maxLength: field.maxBytes });
    // A filter over texts none of which fits would look for one for ever.
    const special = SPECIAL_TEXTS.filter(fits);
    const specials = special.length === 0 ? [] : [fc.constantFrom(...special)];
    return fc.oneof(boundary, ...specials, random.filter(fits));
  }
  const [min, max] = rangeOf(field) ?? [1n, 2n ** 64n - 1n];
  const isSmall = /^[ui](8|16|32)$/.test(field.type);
  const random = fc.bigInt({ min, max }).map((value) => (isSmall ? Number(value) : value));
  return fc.oneof(boundary, random).filter((value) => field.type !== "ref" || value !== 0n);
}

/** A value of a field, boundaries often. No ref is 0. */
export function fieldValue(field: FieldModel): fc.Arbitrary<unknown> {
  if (field.repeated) return fc.array(scalar(field), { maxLength: Math.min(field.maxItems, 4) });
  return field.nullable ? fc.option(scalar(field), { nil: null, freq: 3 }) : scalar(field);
}

export function valuesOf(fields: readonly FieldModel[]): fc.Arbitrary<Values> {
  return fc
    .record(Object.fromEntries(fields.map((field) => [field.name, fieldValue(field)])))
    .map((values) => ({ ...values }));
}

/** The bytes of a group of values. */
export function encoded(codec: GroupCodec, values: unknown): number[] {
  const target = new Uint8Array(codec.sizeMax);
  return [...target.subarray(0, codec.encode(values, target, 0))];
}

function groupOf(codec: GroupCodec): fc.Arbitrary<number[]> {
  return valuesOf(codec.fields.map(({ field }) => field)).map((values) => encoded(codec, values));
}

/** Some bits of the mutable fields, one at least; 0 where all are immutable. */
function changedBits({ fields }: KindModel): fc.Arbitrary<bigint> {
  const mutable = fields.flatMap(({ immutable }, position) => (immutable ? [] : [position]));
  if (mutable.length === 0) return fc.constant(0n);
  return fc
    .subarray(mutable, { minLength: 1 })
    .map((chosen) => chosen.reduce((bits, position) => bits | (1n << BigInt(position)), 0n));
}

function deltaOf(model: SchemaModel, codecs: SchemaCodecs, seq: bigint): fc.Arbitrary<number[]> {
  return fc
    .tuple(
      fc.nat(model.kinds.length - 1),
      fc.constantFrom(1, 2, 3),
      fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
    )
    .chain(([position, draw, sysId]) => {
      const kind = model.kinds[position]!;
      const codec = codecs.kinds[position]!;
      const previous = fc.bigInt({ min: 1n, max: seq - 1n });
      const revision = fc.integer({ min: 2, max: 2 ** 32 - 1 });
      const op = draw === abi.DELTA_UPDATE && kind.fields.every((field) => field.immutable) ? 3 : draw;
      if (op === abi.DELTA_INSERT) {
        return groupOf(codec).map((after) => delta(op, kind.number, 1, sysId, 0n, null, after));
      }
      return fc.tuple(previous, revision, changedBits(kind)).chain(([link, after, bits]) => {
        if (op === abi.DELTA_DELETE) {
          return groupOf(codec).map((before) => delta(op, kind.number, after, sysId, link, null, before));
        }
        const group = codec.changed(bits);
        return fc
          .tuple(groupOf(group), groupOf(group))
          .map((both) => delta(op, kind.number, after, sysId, link, bits, ...both));
      });
    });
}

/** A code of the outcome with its details. */
function answerOf(model: SchemaModel, codecs: SchemaCodecs, command: number) {
  const some = (code: number, details: readonly number[][]) =>
    details.length === 0 ? [] : [fc.constantFrom(...details).map((bytes) => ({ code, bytes }))];
  const numbers = (owners: readonly { readonly number: number }[]) =>
    owners.map(({ number }) => little(number, 4));
  const keys = model.kinds.flatMap((kind) => kind.unique.map((_, at) => [...little(kind.number, 2), at]));
  const checks = model.commands[command]!.fields.map(({ number }) => little(number, 2));
  const rejects = model.rejects.map(({ number: code }, at) =>
    groupOf(codecs.rejects[at]!).map((bytes) => ({ code, bytes })),
  );
  const rejected = [
    ...rejects,
    ...some(abi.CODE_PAYLOAD_CHECK, checks),
    ...some(abi.CODE_UNIQUE_KEY_TAKEN, keys),
  ];
  const nothing = [abi.CODE_WORK_EXHAUSTED, abi.CODE_FUEL_EXHAUSTED, abi.CODE_HANDLER_FAILED];
  const faulted = [
    ...nothing.flatMap((code) => some(code, [little(0, 4)])),
    ...some(abi.CODE_LIMIT, numbers(LIMITS)),
    ...some(abi.CODE_OVERFLOW, [little(0, 4), little(abi.NUMBER_MAX, 4)]),
    ...some(abi.CODE_INVARIANT, numbers(model.invariants)),
    ...some(abi.CODE_RECORD_MISSING, numbers(model.kinds)),
    ...some(
      abi.CODE_MISUSE,
      [...MISUSE_NAMES.keys()].map((reason) => little(reason, 4)),
    ),
  ];
  const of = (outcome: number, answers: fc.Arbitrary<{ code: number; bytes: number[] }>[]) =>
    answers.length === 0 ? [] : [fc.oneof(...answers).map((answer) => ({ outcome, ...answer }))];
  return fc.oneof(...of(abi.OUTCOME_REJECTED, rejected), ...of(abi.OUTCOME_FAULTED, faulted));
}

const sourceOf = (seq: bigint) =>
  fc
    .record({
      client: u64,
      stream: u32,
      first: fc.boolean(),
      seq: fc.bigInt({ min: 2n, max: 2n ** 64n - 1n }),
    })
    .chain(({ client, stream, first, seq: sourceSeq }) =>
      fc
        .bigInt({ min: 1n, max: seq - 1n })
        .map((previous) =>
          first ? { client, stream, seq: 1n, previous: 0n } : { client, stream, seq: sourceSeq, previous },
        ),
    );

/** A body of a command under the schema. */
export function frameOf(model: SchemaModel): fc.Arbitrary<Uint8Array> {
  const codecs = compileCodecs(model, false);
  const heads = fc.record({
    seq: fc.bigInt({ min: 2n, max: 2n ** 64n - 1n }),
    time: u64,
    epoch: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    command: fc.nat(model.commands.length - 1),
    isCommitted: fc.boolean(),
    sysIds: u32,
  });
  return heads.chain(({ command, isCommitted, sysIds, ...rest }) => {
    const kind = model.commands[command]!.number;
    const source = fc.option(sourceOf(rest.seq), { nil: undefined });
    const payload = groupOf(codecs.commands[command]!);
    const head = (more: object, from: Head["source"]): Head => ({
      ...rest,
      ...more,
      kind,
      ...(from === undefined ? {} : { source: from }),
    });
    if (!isCommitted) {
      return fc
        .tuple(source, payload, answerOf(model, codecs, command))
        .map(([from, bytes, { outcome, code, bytes: details }]) =>
          body(head({ outcome, code }, from), bytes, details),
        );
    }
    const eventOf = (at: number) =>
      groupOf(codecs.events[at]!).map((values) => event(model.events[at]!.number, values));
    const events =
      model.events.length === 0
        ? fc.constant([])
        : fc.array(fc.oneof(...model.events.map((_, at) => eventOf(at))), { maxLength: 3 });
    const deltas = fc.array(deltaOf(model, codecs, rest.seq), { maxLength: 3 });
    return fc
      .tuple(source, payload, deltas, events)
      .map(([from, bytes, changes, emitted]) =>
        body(
          head({ sysIds, deltas: changes.length, events: emitted.length }, from),
          bytes,
          ...changes,
          ...emitted,
        ),
      );
  });
}
