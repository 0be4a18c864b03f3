/**
 * From a schema of the DSL to what the reference model runs.
 *
 * Responsible for: telling the model what each definition object stands for, so that one handler runs on both sides.
 * Not responsible for: the schema itself; its public data is read as it is.
 */

import { modelOf, type Schema } from "../../src/schema/define-schema.ts";
import type { KindModel, MessageModel, PathModel, SchemaModel } from "../../src/schema/model.ts";

/** What an object of the schema DSL stands for: the model's `tx` takes the same objects as the engine's. */
export interface Thing {
  readonly role: "kind" | "unique" | "index" | "event" | "reject";
  readonly kind?: KindModel;
  readonly path?: PathModel;
  readonly message?: MessageModel;
}
export interface ModelDomain {
  readonly schema: SchemaModel;
  readonly things: ReadonlyMap<unknown, Thing>;
  readonly handlers: Readonly<Record<string, (tx: any, command: any) => unknown>>;
}
export interface ModelOptions {
  /** Those that differ from the defaults, by number. */
  readonly limits?: Readonly<Record<number, number>>;
  readonly timeNs?: bigint;
}

/** @param schema as `defineSchema` made it */
export function modelDomain(schema: Schema, handlers: ModelDomain["handlers"]): ModelDomain {
  const things = new Map<unknown, Thing>();
  const model = modelOf(schema);
  for (const kind of model.kinds) {
    const definition: any = schema.records[kind.name];
    things.set(definition, { role: "kind", kind });
    for (const path of kind.unique) things.set(definition[path.name], { role: "unique", kind, path });
    for (const path of kind.indexes) things.set(definition[path.name], { role: "index", kind, path });
  }
  for (const message of model.events) things.set(schema.events?.[message.name], { role: "event", message });
  for (const message of model.rejects)
    things.set(schema.rejects?.[message.name], { role: "reject", message });
  return { schema: model, things, handlers };
}
