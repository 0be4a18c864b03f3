/**
 * What the generator knows of the schema: kinds, fields by type, the payload.
 *
 * Responsible for: the schema's model in the words of the language. Not responsible for: choosing.
 */
import { modelOf, type Schema } from "../../../src/schema/define-schema.ts";
import type { FieldModel, KindModel } from "../../../src/schema/model.ts";
import type { Type } from "./language.ts";
import { schema } from "./programs.schema.ts";

export const model = modelOf(schema as unknown as Schema);
/** The fields of every command. */
export const payload: readonly FieldModel[] = model.commands[0]!.fields.filter(({ repeated }) => !repeated);

/** The type that values of a field have in a program. */
export function typeOf(field: FieldModel): Type {
  switch (field.type) {
    case "timestamp":
    case "ref":
      return "u64";
    case "enum":
      return "side";
    case "decimal":
      return field.precision <= 18 ? "i64" : "i128";
    default:
      return field.type as Type;
  }
}

export function kindOf(name: string): KindModel {
  return model.kinds.find((kind) => kind.name === name)!;
}

export function fieldOf(kind: string, name: string): FieldModel {
  return kindOf(kind).fields.find((field) => field.name === name)!;
}
