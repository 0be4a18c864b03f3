/**
 * A schema as a `.proto` file, as data: the names of its messages, fields and enums.
 *
 * Responsible for: names, and what happens where two of them meet (docs/reference/protobuf.md).
 * Not responsible for: the text (proto-text.ts); numbers and wire types, which do not depend on names (field-types.ts).
 *
 * Invariants: I1 the same schema has the same names, whatever order it was written in; I2 what is returned compiles: no two
 * things of one scope have one name, by the rules of protoc.
 */
import { SchemaError, type SchemaMistake } from "../errors.ts";
import type { EnumerationModel, FieldModel, KindModel, MessageModel, SchemaModel } from "../schema/model.ts";
import { defaultJsonName, pascalCase, snakeCase, upperSnakeCase } from "./names.ts";

/** What a message is in the schema. */
export type MessageRole = "command" | "event" | "record" | "reject";

export interface ProtoField {
  /** In the `.proto`. */
  readonly name: string;
  /** Declared where it is not the one that follows from the name. */
  readonly jsonName: string | undefined;
  readonly field: FieldModel;
}

export interface ProtoMessage {
  readonly name: string;
  readonly role: MessageRole;
  /** In the schema. */
  readonly owner: KindModel | MessageModel;
  readonly fields: readonly ProtoField[];
}

export interface ProtoEnum {
  readonly name: string;
  readonly enumeration: EnumerationModel;
  /** `X_UNSPECIFIED = 0` first, then the values by number. */
  readonly values: readonly { readonly name: string; readonly number: number }[];
}

/** One of the messages of a role: `Command`, `Event`, `Record`. */
export interface ProtoUnion {
  readonly name: string;
  readonly oneof: string;
  readonly role: MessageRole;
  readonly members: readonly { readonly name: string; readonly type: string; readonly number: number }[];
}

export interface ProtoFile {
  readonly package: string;
  readonly schema: string;
  readonly commands: readonly ProtoMessage[];
  readonly events: readonly ProtoMessage[];
  readonly records: readonly ProtoMessage[];
  /** Of reject codes that have detail fields. */
  readonly details: readonly ProtoMessage[];
  readonly enums: readonly ProtoEnum[];
  /** Those that have members. */
  readonly unions: readonly ProtoUnion[];
  /** The name of the enum of a field. */
  readonly enumName: (field: FieldModel) => string;
}

/**
 * The `.proto` of a schema.
 * @throws {SchemaError} MISTAKES: names that are different in the schema are the same in protobuf
 */
export function protoFileOf(model: SchemaModel): ProtoFile {
  return new Naming(model).file();
}

class Naming {
  private readonly model: SchemaModel;
  private readonly mistakes: SchemaMistake[] = [];
  /** Names of the package, and whose each is. */
  private readonly owners = new Map<string, string>();

  constructor(model: SchemaModel) {
    this.model = model;
  }

  file(): ProtoFile {
    const { model } = this;
    const messages = (role: MessageRole, models: readonly (KindModel | MessageModel)[], suffix: string) =>
      models.map((owner) => this.message(role, owner, owner.name, suffix));
    const commands = messages("command", model.commands, "");
    const events = messages("event", model.events, "Event");
    const records = messages("record", model.kinds, "Record");
    const names = new Map<EnumerationModel, string>();
    for (const one of model.enumerations) {
      names.set(one, this.take(`enumerations.${one.name}`, one.name, "Enum"));
    }
    const details = model.rejects
      .filter(({ fields }) => fields.length > 0)
      .map((owner) => this.message("reject", owner, `${pascalCase(owner.name)}Detail`, ""));
    const unions = [
      this.union("Command", "command", commands),
      this.union("Event", "event", events),
      this.union("Record", "record", records),
    ].filter((union) => union !== undefined);
    const enums = model.enumerations.map((one) => this.enumOf(one, names.get(one)!));
    if (this.mistakes.length > 0) throw new SchemaError(model.name, this.mistakes);
    const byName = new Map(model.enumerations.map((one) => [one.name, names.get(one)!]));
    return {
      package: snakeCase(model.name),
      schema: model.name,
      commands,
      events,
      records,
      details,
      enums,
      unions,
      enumName: ({ enumeration }) => byName.get(enumeration!.name)!,
    };
  }

  /** Takes a name of the package, with the suffix where it is taken. */
  private take(path: string, wanted: string, suffix: string): string {
    const isTaken = suffix !== "" && this.owners.has(wanted);
    const name = isTaken ? `${wanted}${suffix}` : wanted;
    const owner = this.owners.get(name);
    if (owner !== undefined) this.clash(path, `the protobuf name ${name}, which is that of ${owner}`);
    else this.owners.set(name, path);
    return name;
  }

  private clash(path: string, found: string): void {
    this.mistakes.push({ path, found, expected: "another name: this one has no protobuf name of its own" });
  }

  private message(
    role: MessageRole,
    owner: KindModel | MessageModel,
    wanted: string,
    suffix: string,
  ): ProtoMessage {
    const path = `${role}s.${owner.name}`;
    return {
      name: this.take(path, wanted, suffix),
      role,
      owner,
      fields: this.fields(path, owner.fields),
    };
  }

  private fields(path: string, fields: readonly FieldModel[]): ProtoField[] {
    const byName = new Map<string, string>();
    return fields.map((field) => {
      // 64 bits say nothing of their unit; the name does.
      const plain = snakeCase(field.name);
      const name = field.type === "timestamp" && !/_ns$/.test(plain) ? `${plain}_ns` : plain;
      // protoc refuses two fields with one default JSON name, declared names or not.
      const jsonName = defaultJsonName(name);
      const other = byName.get(jsonName);
      if (other !== undefined) this.clash(`${path}.${field.name}`, `the protobuf name of ${other}: ${name}`);
      byName.set(jsonName, field.name);
      return { name, jsonName: jsonName === field.name ? undefined : field.name, field };
    });
  }

  private enumOf(enumeration: EnumerationModel, name: string): ProtoEnum {
    const path = `enumerations.${enumeration.name}`;
    const prefix = upperSnakeCase(name);
    const bare = new Map<string, string>();
    const named = (value: string, owner: string): string => {
      const upper = upperSnakeCase(value);
      // protoc compares without prefix, case and underscores.
      const other = bare.get(upper.replaceAll("_", ""));
      if (other !== undefined) this.clash(`${path}.${value}`, `the protobuf name of ${other}`);
      bare.set(upper.replaceAll("_", ""), owner);
      return this.take(`${path}.${value}`, `${prefix}_${upper}`, "");
    };
    const unspecified = { name: named("UNSPECIFIED", "the value 0"), number: 0 };
    const values = enumeration.entries.map((one) => ({ name: named(one.name, one.name), number: one.value }));
    return { name, enumeration, values: [unspecified, ...values] };
  }

  private union(
    wanted: string,
    role: MessageRole,
    messages: readonly ProtoMessage[],
  ): ProtoUnion | undefined {
    if (messages.length === 0) return undefined;
    const name = this.take(wanted, wanted, "Message");
    const byName = new Map<string, string>();
    const members = messages.map((message) => {
      const member = snakeCase(message.name);
      const other = byName.get(defaultJsonName(member));
      if (other !== undefined) {
        this.clash(`${role}s.${message.owner.name}`, `the protobuf name of ${other} in ${name}: ${member}`);
      }
      byName.set(defaultJsonName(member), message.owner.name);
      return { name: member, type: message.name, number: message.owner.number };
    });
    let oneof: string = role;
    while (members.some((member) => member.name === oneof)) oneof += "_message";
    return { name, oneof, role, members };
  }
}
