/**
 * The reference model: a function from a list of commands to decoded frames, slow and obvious.
 *
 * Responsible for: admission, payload checks, running a handler, commit, undo, the engine's own frames.
 * Not responsible for: malformed payloads (it takes values, not bytes), digests, durability.
 *
 * Written from docs/reference/{execution,values,frame}.md and DESIGN.md alone; it shares no code with the engine.
 *
 * I1  a command works on a copy of the whole state, which becomes the state only if the command commits.
 */
import type { FieldModel, InvariantModel, MessageModel } from "../../src/schema/model.ts";
import type { ModelDomain, ModelOptions } from "./domain.ts";
import type { ModelAnswer, ModelCommand, ModelDelta, ModelFrame } from "./frames.ts";
import { copyState, type ModelRecord, type State } from "./state.ts";
import { Code, type Rules, Session } from "./tx.ts";
import type { Scalar, Values } from "./values.ts";
import { elementOf, isSame, messageBytes, numberOf, ownCopy, signOf, valuesOf } from "./values.ts";

/** By number (there is no limit 0), from the table in execution.md. */
const DEFAULTS = [0, 1_000_000, 65_536, 1_048_576, 10_000, 524_288, 10_000, 64, 65_536, 3_072];
/** eq, ne, gt, gte, lt, lte: the signs of left minus right with which each holds. */
const OPERATORS = [[0], [-1, 1], [1], [0, 1], [-1], [-1, 0]];

export class Model {
  readonly frames: ModelFrame[] = [];
  readonly rules: Rules;
  private readonly handlers: ModelDomain["handlers"];
  private state: State;

  constructor({ schema, things, handlers }: ModelDomain, { limits: given, timeNs = 0n }: ModelOptions = {}) {
    const limits = Object.assign([...DEFAULTS], given);
    this.rules = { schema, things, limits, handles: new WeakMap(), running: undefined };
    this.handlers = handlers;
    this.state = { records: new Map(), sources: new Map(), nextSysId: 1n, seq: 0n, lastTimeNs: timeNs };
    this.append(0xf000, { lane: 1, semantics: 1, revision: 1, limits: limits.slice(1) });
  }

  execute({ name, payload: given, timeNs, source }: ModelCommand): ModelAnswer {
    const key = source && `${source.client}/${source.stream}`;
    const last = key === undefined ? undefined : this.state.sources.get(key);
    if (source !== undefined) {
      if (last && source.seq <= last.seq) return { refused: "DUPLICATE", last: last.seq };
      if (!last && this.state.sources.size >= this.rules.limits[8]!) return { refused: "SOURCES_FULL" };
      const expected = (last?.seq ?? 0n) + 1n;
      if (source.seq !== expected) return { refused: "GAP", expected };
    }
    if (timeNs > this.state.lastTimeNs) this.state.lastTimeNs = timeNs;
    const message = this.rules.schema.commands.find((command) => command.name === name)!;
    const payload = valuesOf(message.fields, (field) => ownCopy(given[field.name]));
    const session = new Session(this.rules, copyState(this.state), this.state.lastTimeNs, source);
    this.run(session, message, payload);
    const base = { source, previous: last?.frame ?? 0n };
    const deltas = session.decision === undefined ? deltasOf(session) : [];
    if (session.decision === undefined) this.state = session.state;
    for (const { sysId, revision } of deltas) {
      const record = this.state.records.get(sysId);
      if (record !== undefined) Object.assign(record, { revision, lastFrame: session.seq });
    }
    const { sysIdsUsed, events, decision = { sysIdsUsed, events, deltas } } = session;
    const frame = this.append(message.number, payload, { ...base, ...decision });
    if (source !== undefined) this.state.sources.set(key!, { ...source, frame: frame.seq });
    return { frame, work: session.work };
  }

  private append(kind: number, payload: Values, more: Partial<ModelFrame> = {}): ModelFrame {
    this.state.seq += 1n;
    const { seq, lastTimeNs: timeNs } = this.state;
    const committed = { outcome: "committed" as const, code: 0, detail: {}, deltas: [], events: [] };
    const plain = { ...committed, source: undefined, previous: 0n, sysIdsUsed: 0 };
    const frame: ModelFrame = { ...plain, seq, timeNs, epoch: 1, kind, payload, ...more };
    this.frames.push(frame);
    return frame;
  }

  // ---- one command ---------------------------------------------------------------------------------------

  private run(session: Session, message: MessageModel, payload: Values): void {
    this.rules.running = session;
    try {
      session.charge(100);
      for (const field of message.fields) {
        const items = [payload[field.name]!].flat() as (Scalar | null)[];
        const isBroken = items.some((item) => item !== null && breaksCheck(elementOf(field), item));
        if (isBroken) session.decide("rejected", Code.PAYLOAD_CHECK, { field: field.number });
      }
      const handed = valuesOf(message.fields, (field) => ownCopy(payload[field.name]));
      this.handlers[message.name]!(session, handed);
      if (session.decision === undefined) this.commit(session, message, payload);
    } catch {
      session.decision ??= { outcome: "faulted", code: Code.HANDLER_FAILED, detail: { n: 0 } };
    } finally {
      this.rules.running = undefined;
    }
  }

  private commit(session: Session, message: MessageModel, payload: Values): void {
    session.settle();
    const { invariants } = this.rules.schema;
    const comparisons = invariants.filter(({ form }) => form === "comparisons");
    const sums = invariants.filter(({ form }) => form === "sum");
    for (const invariant of [...comparisons, ...sums]) {
      if (!this.holds(session, invariant)) session.fault(Code.INVARIANT, invariant.number);
    }
    if (this.bytesOfBody(session, message, payload) > this.rules.limits[3]!) session.fault(Code.LIMIT, 3);
  }

  private holds(session: Session, invariant: InvariantModel): boolean {
    const { kinds } = this.rules.schema;
    if (invariant.form === "comparisons") {
      const records = touchedNow(session).filter(({ kind }) => kind === kinds[invariant.kind]);
      return records.every((record) =>
        invariant.comparisons.every(({ field, operator, other, value }) => {
          const left = numberAt(record, field);
          const right = other === null ? value : numberAt(record, other);
          return left === null || right === null || OPERATORS[operator]!.includes(signOf(left - right));
        }),
      );
    }
    const totals = new Map<string, bigint>();
    const add = (record: ModelRecord | undefined, sign: bigint) => {
      for (const term of invariant.terms) {
        if (record === undefined || record.kind !== kinds[term.kind]) continue;
        const by = term.by.map((field) => String(record.values[record.kind.fields[field]!.name]));
        const group = JSON.stringify(by);
        totals.set(group, (totals.get(group) ?? 0n) + sign * numberAt(record, term.field)!);
      }
    };
    for (const before of session.touched.values()) add(before, -1n);
    for (const after of touchedNow(session)) add(after, 1n);
    return [...totals.values()].every((total) => total === 0n);
  }

  private bytesOfBody(session: Session, message: MessageModel, payload: Values): number {
    const { kinds, events } = this.rules.schema;
    const fieldsOf = (groups: readonly MessageModel[], wanted: number) =>
      groups.find(({ number }) => number === wanted)!.fields;
    const deltas = deltasOf(session).map(({ op, kind, before, after }) => {
      const fields = fieldsOf(kinds, kind);
      return (op === "update" ? 32 : 24) + messageBytes(fields, before) + messageBytes(fields, after);
    });
    const emitted = session.events.map((one) => 4 + messageBytes(fieldsOf(events, one.number), one.values));
    const parts = [72, messageBytes(message.fields, payload), ...deltas, ...emitted];
    return parts.reduce((sum, bytes) => sum + bytes, 0);
  }
}

function breaksCheck({ notEmpty, min, max }: FieldModel, value: Scalar): boolean {
  if (notEmpty) return (value as string | Uint8Array).length === 0;
  const number = value as number | bigint;
  return (min !== null && number < min) || (max !== null && number > max);
}

/** A field's value as a number, null if it is absent. */
function numberAt({ kind, values }: ModelRecord, position: number): bigint | null {
  const field = kind.fields[position]!;
  return values[field.name] === null ? null : numberOf(field, values[field.name]!);
}

/** The records that the command touched and that are there at its end. */
function touchedNow({ touched, state }: Session): ModelRecord[] {
  return [...touched.keys()].flatMap((sysId) => state.records.get(sysId) ?? []);
}

function deltasOf({ touched, state }: Session): ModelDelta[] {
  return [...touched].flatMap(([sysId, before]): ModelDelta[] => {
    const after = state.records.get(sysId);
    const kind = (before ?? after)?.kind;
    if (kind === undefined) return []; // created and deleted
    const { revision, lastFrame: previous } = before ?? { revision: 1, lastFrame: 0n };
    const base = { kind: kind.number, sysId, revision, previous };
    if (before === undefined) return [{ ...base, op: "insert", before: null, after: { ...after!.values } }];
    if (after === undefined) return [{ ...base, op: "delete", before: before.values, after: null }];
    const changed = kind.fields.filter(({ name }) => !isSame(before.values[name]!, after.values[name]!));
    if (changed.length === 0) return [];
    const pick = (values: Values) => valuesOf(changed, ({ name }) => values[name]!);
    const update = { ...base, op: "update" as const, revision: revision + 1 };
    return [{ ...update, before: pick(before.values), after: pick(after.values) }];
  });
}
