/**
 * What every part of the generator works with, and what fields of all classes say about themselves.
 */
import { DECIMAL_NARROW_MAX, TYPE_TIMESTAMP } from "../../../assembly/abi.ts";
import type { FieldModel, SchemaModel } from "../../schema/model.ts";
import type { Comments } from "./comments.ts";
import type { FieldCode } from "./field-code.ts";
import type { ModuleNames } from "./names.ts";

export interface Context {
  readonly model: SchemaModel;
  readonly names: ModuleNames;
  readonly code: FieldCode;
  readonly comments: Comments;
}

/** What a comment says of a field: the schema's words, then what its AssemblyScript type does not tell. */
export function fieldComment(context: Context, owner: string, field: FieldModel): string | undefined {
  const told = context.comments.get(`${owner}.${field.name}`);
  const unit = unitOf(field);
  return told !== undefined && unit !== undefined ? `${told}\n${unit}` : (told ?? unit);
}

function unitOf(field: FieldModel): string | undefined {
  if (field.type === "decimal") {
    const wide = field.precision > DECIMAL_NARROW_MAX ? "wide " : "";
    return `A ${wide}mantissa with ${field.scale} decimal places, of at most ${field.precision} digits.`;
  }
  return field.code === TYPE_TIMESTAMP ? "Nanoseconds since the Unix epoch." : undefined;
}
