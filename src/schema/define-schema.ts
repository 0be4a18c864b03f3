/**
 * The schema.
 *
 * Responsible for: `defineSchema`, its types, and the way from a schema back to its model and definitions.
 * Not responsible for: the checks (validate.ts), the fingerprint's bytes (descriptor.ts).
 *
 * Invariant: I1 a schema that exists has no mistake.
 */
import { SchemaError } from "../errors.ts";
import { encodeDescriptor } from "./descriptor.ts";
import type { Enumeration } from "./fields.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { InvariantCode } from "./invariants.ts";
import type { CommandKind, EventKind, RejectCode } from "./messages.ts";
import { show } from "./mistakes.ts";
import type { FieldModel, KindModel, MessageModel, PathModel, SchemaModel } from "./model.ts";
import type { VALUE, VIEW } from "./phantom.ts";
import type { AnyRecord, CanonicalIndex, UniqueKey } from "./records.ts";
import { validate } from "./validate.ts";

// ---- types -----------------------------------------------------------------------------------------------

export interface SchemaParts {
  readonly records: Readonly<Record<string, AnyRecord>>;
  readonly commands: Readonly<Record<string, CommandKind<string, any, any>>>;
  readonly events?: Readonly<Record<string, EventKind<string, any, any>>>;
  readonly rejects?: Readonly<Record<string, RejectCode<any>>>;
  readonly invariants?: Readonly<Record<string, InvariantCode>>;
}

/** A part that a schema may leave out. */
export type Part<P, Name extends keyof SchemaParts> = P extends { readonly [K in Name]: infer Value }
  ? Value
  : // biome-ignore lint/complexity/noBannedTypes: a part left out has exactly the empty type
    {};

export type Schema<P extends SchemaParts = SchemaParts> = P & {
  readonly name: string;
  /** SHA-256 of the canonical schema, hex. */
  readonly fingerprint: string;
};

/** The TypeScript type of a definition: `type Order = Infer<typeof Order>`. */
export type Infer<D> = D extends { readonly [VIEW]: infer V }
  ? V
  : D extends { readonly [VALUE]: infer V }
    ? V
    : D extends Enumeration<infer Name>
      ? Name
      : never;

/** A unique key or canonical index, where the model and the core table have it. */
export interface PathDefinition<D> {
  readonly definition: D;
  readonly name: string;
  /** In name order, among the unique keys or the indexes of the record. */
  readonly position: number;
  readonly model: PathModel;
}

/** A record, where the model and the core table have it. */
export interface RecordDefinition {
  readonly definition: AnyRecord;
  readonly name: string;
  readonly position: number;
  readonly model: KindModel;
  readonly unique: readonly PathDefinition<UniqueKey<unknown, readonly any[]>>[];
  readonly indexes: readonly PathDefinition<CanonicalIndex<unknown, readonly any[]>>[];
}

/** A command or event, where the model and the core table have it; a reject code likewise. */
export interface MessageDefinition<D> {
  readonly definition: D;
  readonly name: string;
  readonly position: number;
  readonly number: number;
  readonly fields: readonly FieldModel[];
  readonly model: MessageModel;
}

/** The definitions of a schema in the order of its model. */
export interface SchemaDefinitions {
  readonly records: readonly RecordDefinition[];
  readonly commands: readonly MessageDefinition<CommandKind<string, any, any>>[];
  readonly events: readonly MessageDefinition<EventKind<string, any, any>>[];
  readonly rejects: readonly MessageDefinition<RejectCode<any>>[];
}

// ---- functions -------------------------------------------------------------------------------------------

const MODEL = Symbol("statevec.model");

/**
 * Puts definitions together and checks them.
 * @param name an identifier; part of the fingerprint
 * @param parts each definition under its own name
 * @throws SchemaError listing every mistake in every definition, each with path, found and expected
 */
export function defineSchema<const P extends SchemaParts>(name: string, parts: P): Schema<P> {
  const { model, mistakes } = validate(name, parts);
  if (mistakes.list.length > 0) {
    throw new SchemaError(typeof name === "string" ? name : show(name), mistakes.list);
  }
  const schema = { ...parts, name, fingerprint: fingerprintOf(encodeDescriptor(model)) };
  for (const part of Object.keys(parts) as (keyof SchemaParts)[]) {
    Object.assign(schema, { [part]: Object.freeze({ ...parts[part] }) });
  }
  Object.defineProperty(schema, MODEL, { value: model });
  return Object.freeze(schema);
}

/** @returns the model behind a schema that `defineSchema` made; nothing for any other value */
export function modelOf(schema: { readonly fingerprint: string; readonly records: object }): SchemaModel;
export function modelOf(schema: unknown): SchemaModel | undefined;
export function modelOf(schema: unknown): SchemaModel | undefined {
  if (typeof schema !== "object" || schema === null) return undefined;
  return (schema as { [MODEL]?: SchemaModel })[MODEL];
}

/** @returns the definition objects of a schema beside their positions, so that either leads to the other */
export function definitionsOf(schema: Schema): SchemaDefinitions {
  const model = modelOf(schema);
  return {
    records: model.kinds.map((kind, position) => {
      const definition = schema.records[kind.name]!;
      return {
        definition,
        name: kind.name,
        position,
        model: kind,
        unique: paths(definition, kind.unique),
        indexes: paths(definition, kind.indexes),
      };
    }),
    commands: messages(schema.commands, model.commands),
    events: messages(schema.events ?? {}, model.events),
    rejects: messages(schema.rejects ?? {}, model.rejects),
  };
}

function paths<D>(record: AnyRecord, models: readonly PathModel[]): PathDefinition<D>[] {
  const members = record as unknown as Readonly<Record<string, D>>;
  return models.map((model, position) => {
    return { definition: members[model.name]!, name: model.name, position, model };
  });
}

function messages<D>(
  definitions: Readonly<Record<string, D>>,
  models: readonly MessageModel[],
): MessageDefinition<D>[] {
  return models.map((model, position) => {
    const { name, number, fields } = model;
    return { definition: definitions[name]!, name, position, number, fields, model };
  });
}
