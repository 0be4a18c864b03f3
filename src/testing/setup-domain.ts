/**
 * A domain that can also be given records: the domain under test and one more command a record kind.
 *
 * Responsible for: deriving it. The records then come to be like all others, by a command whose frame says so: checked by
 * the core, in the history, repeated by replay. Not responsible for: when it is needed (scenario.ts).
 * I1: handlers, limits, records, events, rejects and invariants are those of the domain under test, so a command makes
 * the frame that it would make there; only the epoch frame, which names all commands, is another.
 */
import { NUMBER_MAX } from "../../assembly/abi.ts";
import { type Domain, defineDomain, type Handler, programOf } from "../engine/domain.ts";
import type { Tx } from "../engine/view.ts";
import { UsageError } from "../errors.ts";
import { defineSchema } from "../schema/define-schema.ts";
import { define } from "../schema/definition.ts";
import { type FieldSpec, fieldSpecOf, type MessageFields } from "../schema/fields.ts";
import { type CommandKind, command } from "../schema/messages.ts";
import { type AnyRecord, recordSpecOf } from "../schema/records.ts";

export interface SetupDomain {
  readonly domain: Domain;
  /** The command that creates a record, by the name of its kind. */
  readonly commandOf: ReadonlyMap<string, string>;
}

/** Derives the domain. */
export function setupDomain(domain: Domain): SetupDomain {
  const { schema } = domain;
  const program = programOf(domain);
  if (program.lane === "sealed") {
    throw new UsageError(
      "given",
      "a sealed domain has only its own commands; give those, or test the open twin",
    );
  }
  const commands: Record<string, CommandKind<string, any, any>> = { ...schema.commands };
  const handlers: Record<string, Handler<never>> = { ...program.handlers };
  const taken = new Set(Object.values(commands).map((one) => one.number));
  const commandOf = new Map<string, string>();
  let number = NUMBER_MAX;
  for (const [kind, definition] of Object.entries(schema.records)) {
    while (taken.has(number)) number--;
    const name = freeName(`Given${kind}`, commands);
    commands[name] = command(name, number--, payloadFields(definition));
    handlers[name] = ((tx: Tx, values: never) => void tx.create(definition, values)) as Handler<never>;
    commandOf.set(kind, name);
  }
  const { records, events = {}, rejects = {}, invariants = {} } = schema;
  const parts = { records, commands, events, rejects, invariants };
  const { revision, limits } = program;
  const derived = defineDomain(defineSchema(schema.name, parts), {
    revision,
    limits,
    handlers: handlers as never,
  });
  return { domain: derived as unknown as Domain, commandOf };
}

function freeName(wanted: string, taken: Readonly<Record<string, unknown>>): string {
  return wanted in taken ? freeName(`${wanted}_`, taken) : wanted;
}

/** The fields of a record as those of a command, which knows no immutable ones. */
function payloadFields(definition: AnyRecord): MessageFields {
  const { fields } = recordSpecOf(definition) as { readonly fields: MessageFields };
  const entries = Object.entries(fields).map(([name, field]) => {
    const spec = fieldSpecOf(field) as FieldSpec;
    return [name, define({ ...field }, { ...spec, immutable: false } as FieldSpec)] as const;
  });
  return Object.fromEntries(entries);
}
