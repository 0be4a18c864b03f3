/**
 * Numbers of the WebAssembly binary format and of the parser.
 *
 * Responsible for: naming them. The parser's typings declare its own as ambient const enums, which a module that is
 * compiled on its own can not read; a test compares these with the parser that is installed.
 * Source: WebAssembly Core Specification 2.0, section 5 (binary format); wasmparser 5.11.1, `BinaryReaderState`.
 */

// ---- sections --------------------------------------------------------------------------------------------

export const SECTION_CUSTOM = 0;
export const SECTION_TYPE = 1;
export const SECTION_IMPORT = 2;
export const SECTION_FUNCTION = 3;
export const SECTION_GLOBAL = 6;
export const SECTION_EXPORT = 7;
export const SECTION_START = 8;
export const SECTION_ELEMENT = 9;
export const SECTION_CODE = 10;
export const SECTION_DATA = 11;
export const SECTION_DATA_COUNT = 12;
export const SECTION_TAG = 13;

// ---- what is imported and exported -----------------------------------------------------------------------

export const EXTERNAL_FUNCTION = 0;
export const EXTERNAL_TABLE = 1;
export const EXTERNAL_MEMORY = 2;
export const EXTERNAL_GLOBAL = 3;
export const EXTERNAL_TAG = 4;

// ---- types, as the parser gives them (negative) ----------------------------------------------------------

export const VALUE_I32 = -0x01;
export const VALUE_I64 = -0x02;
export const VALUE_F32 = -0x03;
export const VALUE_F64 = -0x04;
export const VALUE_V128 = -0x05;
export const VALUE_FUNCREF = -0x10;
export const FORM_FUNCTION = -0x20;

// ---- instructions that the gate and the meter tell apart -------------------------------------------------

export const OP_BLOCK = 0x02;
export const OP_LOOP = 0x03;
export const OP_IF = 0x04;
export const OP_END = 0x0b;
export const OP_CALL = 0x10;
export const OP_CALL_INDIRECT = 0x11;
export const OP_GLOBAL_GET = 0x23;
export const OP_GLOBAL_SET = 0x24;
export const OP_I32_CONST = 0x41;
export const OP_I64_CONST = 0x42;
export const OP_I32_LT_S = 0x48;
export const OP_I32_SUB = 0x6b;
export const OP_UNREACHABLE = 0x00;
export const OP_REF_FUNC = 0xd2;
export const OP_V128_CONST = 0xfd00c;
/** The type of a block without parameters and results. */
export const BLOCK_EMPTY = 0x40;

// ---- states of the parser --------------------------------------------------------------------------------

export const STATE = {
  ERROR: -1,
  END_WASM: 2,
  BEGIN_SECTION: 3,
  END_SECTION: 4,
  SECTION_RAW_DATA: 7,
  TYPE_SECTION_ENTRY: 11,
  IMPORT_SECTION_ENTRY: 12,
  FUNCTION_SECTION_ENTRY: 13,
  TABLE_SECTION_ENTRY: 14,
  MEMORY_SECTION_ENTRY: 15,
  EXPORT_SECTION_ENTRY: 17,
  START_SECTION_ENTRY: 22,
  TAG_SECTION_ENTRY: 23,
  INIT_EXPRESSION_OPERATOR: 26,
  BEGIN_FUNCTION_BODY: 28,
  CODE_OPERATOR: 30,
  END_FUNCTION_BODY: 31,
  BEGIN_ELEMENT_SECTION_ENTRY: 33,
  BEGIN_DATA_SECTION_ENTRY: 36,
  DATA_SECTION_ENTRY_BODY: 37,
  BEGIN_GLOBAL_SECTION_ENTRY: 39,
  OFFSET_EXPRESSION_OPERATOR: 45,
  BEGIN_REC_GROUP: 47,
} as const;

/** Element and data segments: written into table or memory when the module starts. */
export const MODE_ACTIVE = 0;
