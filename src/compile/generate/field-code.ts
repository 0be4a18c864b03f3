/**
 * The code of one field: its type, how a value is read where it lies, written, and found to have a flaw.
 *
 * Responsible for: expressions and statements for every field type. Where a field lies, the caller says: of a record
 * slotOf (schema/layout.ts) computed it, of a message it follows from the fields before.
 */
import {
  TYPE_BOOL,
  TYPE_BYTES,
  TYPE_DECIMAL64,
  TYPE_DECIMAL128,
  TYPE_ENUM8,
  TYPE_ENUM16,
  TYPE_I8,
  TYPE_I16,
  TYPE_I32,
  TYPE_I64,
  TYPE_I128,
  TYPE_REF,
  TYPE_TEXT,
  TYPE_U8,
  TYPE_U16,
  TYPE_U32,
  TYPE_U128,
} from "../../../assembly/abi.ts";
import type { FieldModel } from "../../schema/model.ts";
import type { ModuleNames } from "./names.ts";

/** How a value lies in memory. */
type Form = "plain" | "u128" | "i128" | "text" | "bytes";

/** Types whose values are loaded and stored as they are. Those that are missing are u64: u64, timestamp, ref. */
const STORED: Readonly<Record<number, string>> = {
  [TYPE_BOOL]: "bool",
  [TYPE_U8]: "u8",
  [TYPE_U16]: "u16",
  [TYPE_U32]: "u32",
  [TYPE_I8]: "i8",
  [TYPE_I16]: "i16",
  [TYPE_I32]: "i32",
  [TYPE_I64]: "i64",
  [TYPE_DECIMAL64]: "i64",
  [TYPE_ENUM8]: "u8",
  [TYPE_ENUM16]: "u16",
};

const FORMS: Readonly<Record<number, Form>> = {
  [TYPE_U128]: "u128",
  [TYPE_I128]: "i128",
  [TYPE_DECIMAL128]: "i128",
  [TYPE_TEXT]: "text",
  [TYPE_BYTES]: "bytes",
};

const WORD = (1n << 64n) - 1n;

/** Writes the code of fields. */
export class FieldCode {
  private readonly names: ModuleNames;

  constructor(names: ModuleNames) {
    this.names = names;
  }

  private sdk(name: string): string {
    return this.names.sdk(name);
  }

  form(field: FieldModel): Form {
    return FORMS[field.code] ?? "plain";
  }

  /** The AssemblyScript type of a value. */
  type(field: FieldModel): string {
    const form = this.form(field);
    if (form !== "plain") return this.sdk({ u128: "U128", i128: "I128", text: "Text", bytes: "Bytes" }[form]);
    if (field.enumeration !== null) return field.enumeration.name;
    return field.code === TYPE_REF ? this.sdk("SysId") : this.stored(field);
  }

  /** The type that a plain value has in memory. */
  stored(field: FieldModel): string {
    return STORED[field.code] ?? "u64";
  }

  /** text and bytes: what follows has no fixed place in a message. */
  isLengthed(field: FieldModel): boolean {
    return field.code === TYPE_TEXT || field.code === TYPE_BYTES;
  }

  /** A plain value as it is stored: enumerations are i32 to the compiler. */
  private storable(field: FieldModel, value: string): string {
    if (field.enumeration === null) return value;
    return `<${this.stored(field)}>${value.includes(" ") ? `(${value})` : value}`;
  }

  // ---- reading -----------------------------------------------------------------------------------------------

  /**
   * Reads the value at `base + offset`.
   * @param copies a text or bytes that may change is copied
   */
  read(field: FieldModel, base: string, offset: number, copies: boolean): string {
    const form = this.form(field);
    if (form === "plain") return `load<${this.stored(field)}>(${base}${offset === 0 ? "" : `, ${offset}`})`;
    const at = plus(base, offset);
    if (form === "u128" || form === "i128") return `${this.sdk(`${form}At`)}(${at})`;
    return `changetype<${this.type(field)}>(${copies ? `${this.sdk("copyOf")}(${at})` : at})`;
  }

  /** The type of a list in a payload. */
  itemsType(field: FieldModel): string {
    const form = this.form(field);
    if (form === "plain") return `${this.sdk("Items")}<${this.type(field)}, ${this.stored(field)}>`;
    return this.sdk({ u128: "U128Items", i128: "I128Items", text: "TextItems", bytes: "BytesItems" }[form]);
  }

  // ---- writing -----------------------------------------------------------------------------------------------

  /** Stores a value at `base + offset`; not of text and bytes. */
  store(field: FieldModel, base: string, offset: number, value: string): string {
    const form = this.form(field);
    if (form !== "plain")
      return `${this.sdk(form === "u128" ? "putU128" : "putI128")}(${plus(base, offset)}, ${value});`;
    const place = offset === 0 ? "" : `, ${offset}`;
    return `store<${this.stored(field)}>(${base}, ${this.storable(field, value)}${place});`;
  }

  /** Writes a value into scratch slot A. */
  put(field: FieldModel, offset: number, value: string): string {
    const slot = this.sdk("SCRATCH_A_AT");
    if (!this.isLengthed(field)) return this.store(field, slot, offset, value);
    return `${this.sdk("putLengthed")}(${plus(slot, offset)}, changetype<usize>(${value}), ${field.maxBytes});`;
  }

  /** Writes an absent value into scratch slot A. */
  putAbsent(field: FieldModel, offset: number): string {
    const slot = this.sdk("SCRATCH_A_AT");
    if (this.isLengthed(field))
      return `${this.sdk("clearLengthed")}(${plus(slot, offset)}, ${field.maxBytes});`;
    if (this.form(field) !== "plain") return `${this.sdk("putAbsentWide")}(${plus(slot, offset)});`;
    const none = field.code === TYPE_BOOL ? "false" : "0";
    return `store<${this.stored(field)}>(${slot}, ${none}, ${offset});`;
  }

  /** Makes a step of a prefix; `this` is the step before, and `bound` is in scope. */
  step(field: FieldModel, position: number, offset: number, value: string): string {
    const place = ["changetype<usize>(this)", "bound", String(offset), String(position)];
    const flaw = this.flaw(field, position, value);
    const form = this.form(field);
    if (form === "plain") {
      const name = this.sdk(flaw === undefined ? "stepOf" : "checkedStepOf");
      const parts = [...place, this.storable(field, value), ...(flaw === undefined ? [] : [flaw])];
      return `${name}<${this.stored(field)}>(${parts.join(", ")})`;
    }
    const room = this.isLengthed(field) ? [String(field.maxBytes)] : [];
    const judged = form === "u128" ? [] : [flaw ?? this.sdk("NO_FLAW")];
    return `${this.sdk(`${form}Step`)}(${[...place, value, ...room, ...judged].join(", ")})`;
  }

  // ---- flaws -------------------------------------------------------------------------------------------------

  /** What is wrong with a value, as an expression; nothing if no value of the type can be wrong. */
  flaw(field: FieldModel, position: number, value: string): string | undefined {
    if (field.repeated) return this.listFlaw(field, position, value);
    if (this.isLengthed(field)) {
      const name = this.sdk(field.code === TYPE_TEXT ? "textFlaw" : "bytesFlaw");
      return `${name}(${position}, ${value}, ${field.maxBytes})`;
    }
    const test = this.test(field, value);
    return test === undefined ? undefined : this.judged(field, position, test);
  }

  private judged(field: FieldModel, position: number, test: string): string {
    return `${this.sdk(field.enumeration === null ? "rangeFlaw" : "enumFlaw")}(${position}, ${test})`;
  }

  /** Whether a value is one, as an expression. */
  private test(field: FieldModel, value: string): string | undefined {
    const many = field.repeated;
    const { enumeration, precision } = field;
    if (enumeration !== null) return `${this.names.test(enumeration.name, many)}(${value})`;
    if (field.code === TYPE_DECIMAL64) {
      return `${this.sdk(many ? "areBelow" : "isBelow")}(${value}, ${10n ** BigInt(precision)})`;
    }
    if (field.code !== TYPE_DECIMAL128) return undefined;
    const limit = 10n ** BigInt(precision);
    const words = `${hex(limit & WORD)}, ${hex(limit >> 64n)}`;
    return `${this.sdk(many ? "areWideBelow" : "isWideBelow")}(${value}, ${words})`;
  }

  private listFlaw(field: FieldModel, position: number, value: string): string {
    if (this.isLengthed(field)) {
      const name = this.sdk(field.code === TYPE_TEXT ? "textsFlaw" : "bytesListFlaw");
      return `${name}(${position}, ${value}, ${field.maxItems}, ${field.maxBytes})`;
    }
    const count = `${this.sdk("rangeFlaw")}(${position}, ${value}.length <= ${field.maxItems})`;
    const test = this.test(field, value);
    return test === undefined ? count : `min(${count}, ${this.judged(field, position, test)})`;
  }
}

/** `base + offset` */
export function plus(base: string, offset: number): string {
  return offset === 0 ? base : `${base} + ${offset}`;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
