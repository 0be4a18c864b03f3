/**
 * Checking a whole schema.
 *
 * Responsible for: turning definitions into the model, and finding every mistake on the way: names and numbers of
 * definitions here, fields, paths and invariants in the files beside.
 * Not responsible for: throwing (define-schema.ts).
 *
 * Invariant: I1 the model is complete only if no mistake was found.
 */
import { NUMBER_MAX, REJECT_NUMBER_MAX } from "../../assembly/abi.ts";
import { FRAMEWORK_CODES } from "./framework-codes.ts";
import { invariantSpecOf } from "./invariants.ts";
import { messageSpecOf, rejectSpecOf } from "./messages.ts";
import { Mistakes, Numbers, show } from "./mistakes.ts";
import {
  byNumber,
  type InvariantModel,
  type KindModel,
  type MessageModel,
  type SchemaModel,
} from "./model.ts";
import { type RecordSpec, recordSpecOf } from "./records.ts";
import { FieldChecker } from "./validate-fields.ts";
import { type CheckedKind, InvariantChecker } from "./validate-invariants.ts";
import { PathChecker } from "./validate-paths.ts";

const PARTS = ["records", "commands", "events", "rejects", "invariants"] as const;
type PartName = (typeof PARTS)[number];

/** What `validate` found. */
export interface Validation {
  /** Meaningful only if there are no mistakes. */
  readonly model: SchemaModel;
  readonly mistakes: Mistakes;
}

/** Checks the parts of a schema, which may be anything. */
export function validate(name: unknown, parts: unknown): Validation {
  return new Validator().run(name, parts);
}

class Validator {
  private readonly mistakes = new Mistakes();

  run(name: unknown, parts: unknown): Validation {
    const { mistakes } = this;
    mistakes.identifier("name", name);
    const given = mistakes.object("parts", parts, "an object of records, commands, ...") ? parts : {};
    for (const key of Object.keys(given)) {
      if (!PARTS.includes(key as PartName)) mistakes.add(key, show(key), `one of ${PARTS.join(", ")}`);
    }
    const records = this.records(this.part(given, "records"));
    const fields = new FieldChecker(mistakes, kindNumbers(records));
    const kinds = this.kinds(records, fields);
    const commands = this.messages(this.part(given, "commands"), "command", fields);
    const events = this.messages(this.part(given, "events"), "event", fields);
    const rejects = this.rejects(this.part(given, "rejects"), fields);
    const invariants = this.invariants(this.part(given, "invariants"), kinds);
    const model: SchemaModel = {
      name: String(name),
      enumerations: fields.enumerations(),
      kinds: kinds.map((kind) => kind.model),
      commands,
      events,
      rejects,
      invariants,
    };
    return { model, mistakes };
  }

  private part(parts: Readonly<Record<string, unknown>>, name: PartName): [name: string, value: unknown][] {
    const part = parts[name];
    const required = name === "records" || name === "commands";
    if (part === undefined && !required) return [];
    if (!this.mistakes.object(name, part, `an object of ${name}`)) return [];
    const entries = Object.entries(part);
    for (const [key] of entries) this.mistakes.identifier(`${name}.${key}`, key);
    return entries;
  }

  private named(path: string, name: unknown, key: string): void {
    if (name !== key) this.mistakes.add(`${path}.name`, show(name), `${show(key)}, its name in the schema`);
  }

  private records(
    entries: readonly [string, unknown][],
  ): { key: string; value: unknown; spec: RecordSpec }[] {
    const found: { key: string; value: unknown; spec: RecordSpec }[] = [];
    for (const [key, value] of entries) {
      const spec = recordSpecOf(value);
      if (spec !== undefined) found.push({ key, value, spec });
      else this.mistakes.add(`records.${key}`, show(value), "a record, as made by record()");
    }
    return found;
  }

  private kinds(
    records: readonly { key: string; value: unknown; spec: RecordSpec }[],
    checker: FieldChecker,
  ): CheckedKind[] {
    const numbers = new Numbers(this.mistakes, NUMBER_MAX);
    const kinds = records.map(({ key, value, spec }): CheckedKind => {
      const path = `records.${key}`;
      this.named(path, spec.name, key);
      numbers.take(`${path}.kind`, spec.kind, `records.${key}`);
      const fields = checker.check(`${path}.fields`, spec.fields, "record");
      const declared = new Set(isObject(spec.fields) ? Object.keys(spec.fields) : []);
      const paths = new PathChecker(this.mistakes, fields, declared);
      const unique = paths.unique(`${path}.unique`, spec.unique);
      const indexes = paths.indexes(`${path}.indexes`, spec.indexes);
      this.pathNames(path, spec);
      const model: KindModel = { name: key, number: Number(spec.kind), fields, unique, indexes };
      return { definition: value, model, declared };
    });
    return kinds.sort((a, b) => a.model.number - b.model.number);
  }

  /** A unique key and an index are both properties of the definition. */
  private pathNames(path: string, spec: RecordSpec): void {
    if (!isObject(spec.unique) || !isObject(spec.indexes)) return;
    for (const name of Object.keys(spec.indexes)) {
      if (!Object.hasOwn(spec.unique, name)) continue;
      this.mistakes.add(`${path}.indexes.${name}`, "the name of a unique key", "a name of its own");
    }
  }

  private messages(
    entries: readonly [string, unknown][],
    role: "command" | "event",
    checker: FieldChecker,
  ): MessageModel[] {
    const numbers = new Numbers(this.mistakes, NUMBER_MAX);
    const models: MessageModel[] = [];
    for (const [key, value] of entries) {
      const path = `${role}s.${key}`;
      const spec = messageSpecOf(value, role);
      if (spec === undefined) {
        this.mistakes.add(
          path,
          show(value),
          `${role === "event" ? "an event" : "a command"}, as made by ${role}()`,
        );
        continue;
      }
      this.named(path, spec.name, key);
      numbers.take(`${path}.number`, spec.number, path);
      const fields = checker.check(`${path}.fields`, spec.fields, role);
      models.push({ name: key, number: Number(spec.number), fields });
    }
    return models.sort(byNumber);
  }

  private rejects(entries: readonly [string, unknown][], checker: FieldChecker): MessageModel[] {
    const numbers = new Numbers(this.mistakes, REJECT_NUMBER_MAX);
    const models: MessageModel[] = [];
    for (const [key, value] of entries) {
      const path = `rejects.${key}`;
      const spec = rejectSpecOf(value);
      if (spec === undefined) {
        this.mistakes.add(path, show(value), "a reject code, as made by reject()");
        continue;
      }
      if (FRAMEWORK_CODES.has(key)) this.mistakes.add(path, key, "a name that is not a code of the engine");
      numbers.take(`${path}.number`, spec.number, path);
      this.text(path, spec.text);
      const fields = checker.check(`${path}.detail`, spec.fields, "reject detail");
      models.push({ name: key, number: Number(spec.number), fields });
    }
    return models.sort(byNumber);
  }

  private invariants(entries: readonly [string, unknown][], kinds: readonly CheckedKind[]): InvariantModel[] {
    const numbers = new Numbers(this.mistakes, REJECT_NUMBER_MAX);
    const checker = new InvariantChecker(this.mistakes, kinds);
    const models: InvariantModel[] = [];
    for (const [key, value] of entries) {
      const path = `invariants.${key}`;
      const spec = invariantSpecOf(value);
      if (spec === undefined) {
        this.mistakes.add(path, show(value), "an invariant, as made by invariant() or conserve()");
        continue;
      }
      numbers.take(`${path}.number`, spec.number, path);
      this.text(path, spec.text);
      const form = spec.role === "sum" ? checker.sum(path, spec) : checker.comparisons(path, spec);
      if (form !== undefined) models.push({ ...form, name: key, number: Number(spec.number) });
    }
    return models.sort(byNumber);
  }

  private text(path: string, text: unknown): void {
    if (typeof text !== "string")
      this.mistakes.add(`${path}.text`, show(text), "a text that says what it means");
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Numbers by name, of whatever number: a bad one is a mistake of the record, not of each ref to it. */
function kindNumbers(records: readonly { key: string; spec: RecordSpec }[]): Map<string, number> {
  return new Map(records.map(({ key, spec }) => [key, Number(spec.kind)]));
}
