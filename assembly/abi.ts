/**
 * The numbers that the core (AssemblyScript) and the host (TypeScript) share.
 *
 * Responsible for: every code, limit, offset and size that crosses the boundary or reaches a byte format.
 * Not responsible for: behaviour. This file is in the common subset of both languages and imports nothing.
 *
 * Numbers that reach a frame (outcomes, codes, limits, reasons, kinds, costs) never change once released.
 */

// ---- versions --------------------------------------------------------------------------------------------

/** The frame format written by this core. */
export const FRAME_FORMAT = 1;
/** Meaning of operations, costs and codes; rises when the same command could make other bytes. */
export const CORE_SEMANTICS = 1;
/** First word of the core table (`docs/reference/core-table.md`): "SVT1". */
export const TABLE_MAGIC = 0x31545653;

// ---- outcomes and codes ----------------------------------------------------------------------------------

export const OUTCOME_COMMITTED = 0;
export const OUTCOME_REJECTED = 1;
export const OUTCOME_FAULTED = 2;

/** Framework codes, in order of precedence. Reject codes of a domain are 1..59999. */
export const CODE_PAYLOAD_CHECK = 60000; // rejected; detail: field number u16
export const CODE_UNIQUE_KEY_TAKEN = 60001; // rejected; detail: kind u16, position u8
export const CODE_WORK_EXHAUSTED = 60002; // this and all below: faulted; detail: n u32
export const CODE_FUEL_EXHAUSTED = 60003;
export const CODE_LIMIT = 60004; // n = limit number
export const CODE_OVERFLOW = 60005; // n = field number; 0 for arithmetic
export const CODE_INVARIANT = 60006; // n = invariant number
export const CODE_RECORD_MISSING = 60007; // n = kind number
export const CODE_MISUSE = 60008; // n = reason below
export const CODE_HANDLER_FAILED = 60009; // n = 0

export const MISUSE_BAD_REFERENCE = 1;
export const MISUSE_DELETED_RECORD = 2;
export const MISUSE_STALE_HANDLE = 3;
export const MISUSE_BAD_VALUE = 4;
export const MISUSE_IMMUTABLE_FIELD = 5;
export const MISUSE_BAD_ARGUMENT = 6;

// ---- kinds of the engine's own frames --------------------------------------------------------------------

export const KIND_EPOCH = 0xf000;
export const KIND_CHECKPOINT = 0xf001;
export const KIND_RETIRE = 0xf002;

// ---- work ------------------------------------------------------------------------------------------------

export const WORK_COMMAND = 100;
export const WORK_LOOKUP = 10;
export const WORK_ENTRY = 2;
export const WORK_CREATE = 20;
export const WORK_DELETE = 20;
export const WORK_ASSIGN = 1;
export const WORK_EMIT = 10;
/** Values written cost 1 for each started unit of this many bytes, counted over the whole command. */
export const WORK_BYTES_UNIT = 64;

// ---- limits: number, default, hard maximum ---------------------------------------------------------------

export const LIMIT_WORK = 1;
export const LIMIT_PAYLOAD_BYTES = 2;
export const LIMIT_FRAME_BYTES = 3;
export const LIMIT_EVENTS = 4;
export const LIMIT_EVENT_BYTES = 5;
export const LIMIT_TOUCHED_RECORDS = 6;
export const LIMIT_CURSORS = 7;
export const LIMIT_SOURCES = 8;
export const LIMIT_STATE_BYTES = 9;
/** Limits of every epoch; those of a sealed epoch follow. */
export const LIMIT_COUNT = 9;
export const LIMIT_FUEL = 10;
export const LIMIT_ARENA_BYTES = 11;
export const LIMIT_COUNT_SEALED = 11;

export const WORK_DEFAULT = 1_000_000;
export const WORK_HARD = 1_000_000_000;
export const PAYLOAD_BYTES_DEFAULT = 65_536;
export const PAYLOAD_BYTES_HARD = 1_048_576;
export const FRAME_BYTES_DEFAULT = 1_048_576;
export const FRAME_BYTES_HARD = 16_777_216;
export const EVENTS_DEFAULT = 10_000;
export const EVENTS_HARD = 65_535;
export const EVENT_BYTES_DEFAULT = 524_288;
export const EVENT_BYTES_HARD = 8_388_608;
export const TOUCHED_RECORDS_DEFAULT = 10_000;
export const TOUCHED_RECORDS_HARD = 65_535;
export const CURSORS_DEFAULT = 64;
export const CURSORS_HARD = 64;
export const SOURCES_DEFAULT = 65_536;
export const SOURCES_HARD = 1_048_576;
/** Whole MiB, so that the number fits 32 bits everywhere. */
export const STATE_MIB_DEFAULT = 3_072;
export const STATE_MIB_HARD = 3_072;
/** Instructions of handler code, weighted, that one command may use. */
export const FUEL_DEFAULT = 10_000_000;
export const FUEL_HARD = 2_000_000_000;
/** Memory that the handler of one command may allocate. */
export const ARENA_BYTES_DEFAULT = 262_144;
export const ARENA_BYTES_HARD = 786_432;

// ---- limits of a schema ----------------------------------------------------------------------------------

export const NUMBER_MAX = 18_999;
export const REJECT_NUMBER_MAX = 59_999;
export const FIELDS_MAX = 64;
export const KEY_BYTES_MAX = 128;
export const INDEX_SEGMENTS_MAX = 8;
/** Unique keys of a kind, and canonical indexes of a kind. */
export const PATHS_MAX = 16;
export const REJECT_DETAIL_MAX = 4;
/** One text or bytes field. */
export const FIELD_BYTES_MAX = 4_096;
/** Field area of one record in memory. */
export const RECORD_BYTES_MAX = 16_384;
/** Largest encoded event or payload that a schema may declare. */
export const MESSAGE_BYTES_MAX = 65_535;
export const REPEATED_ITEMS_MAX = 4_096;
export const DECIMAL_PRECISION_MAX = 38;
/** Decimals up to this precision have an i64 mantissa, wider ones i128. */
export const DECIMAL_NARROW_MAX = 18;

// ---- field types -----------------------------------------------------------------------------------------

export const TYPE_BOOL = 1;
export const TYPE_U8 = 2;
export const TYPE_U16 = 3;
export const TYPE_U32 = 4;
export const TYPE_U64 = 5;
export const TYPE_U128 = 6;
export const TYPE_I8 = 7;
export const TYPE_I16 = 8;
export const TYPE_I32 = 9;
export const TYPE_I64 = 10;
export const TYPE_I128 = 11;
export const TYPE_DECIMAL64 = 12;
export const TYPE_DECIMAL128 = 13;
export const TYPE_TIMESTAMP = 14;
export const TYPE_ENUM8 = 15;
export const TYPE_ENUM16 = 16;
export const TYPE_TEXT = 17;
export const TYPE_BYTES = 18;
export const TYPE_REF = 19;

// ---- memory below the core: what a sealed handler module and the core share --------------------------------
//
//   0     1 KiB          256 KiB              1 MiB                                                     2 MiB
//   | ... | static data  | arena of a command | scratch A | scratch B | message | details | dummy row | core ...
//         | of handlers  | (allocations)      | 32 KiB    | 32 KiB    | 64 KiB  | 32 KiB  | 32 KiB

export const HANDLER_DATA_START = 1_024;
export const HANDLER_DATA_END = 262_144;
export const ARENA_START = 262_144;
export const ARENA_END = 1_048_576;
/** Slots in which keys, bounds and new values are written as fields of a kind. */
export const SCRATCH_A_AT = 1_048_576;
export const SCRATCH_B_AT = 1_081_344;
/** Encoded values of the event that is about to be emitted. */
export const MESSAGE_AT = 1_114_112;
/** Details of a reject, as they go into the frame. */
export const DETAILS_AT = 1_179_648;
/** What a faulted lookup or create yields in the sealed lane: a record of zeros that is never written. */
export const DUMMY_ROW_AT = 1_212_416;
/** Static data of the core starts here (asconfig.json says it to the compiler). */
export const CORE_MEMORY_BASE = 2_097_152;

// ---- a record in memory (not a format) -------------------------------------------------------------------
//
//   0        8      12     14     16          24      28       32         40
//   | SysId  | rev  | kind | 0    | lastFrame | undo  | marks  | presence | fields, widest first ...
//
// kind is the position of the kind in the core table. presence: bit i set = field i (by position in number
// order) is there; required fields always have their bit set. text and bytes: length u16, then maxBytes bytes.

export const SLOT_SYS_ID = 0;
export const SLOT_REVISION = 8;
export const SLOT_KIND = 12;
export const SLOT_LAST_FRAME = 16;
export const SLOT_UNDO = 24;
export const SLOT_MARKS = 28;
export const SLOT_PRESENCE = 32;
export const SLOT_FIELDS = 40;

// ---- the core table: u32 words, made by src/schema/table.ts, read by assembly/schema ---------------------
// Positions (kind, field, path) count from 0. Offsets named ..._AT are word offsets from the start of the table.
//
//   header | kinds | fields of all kinds and messages | segments | wheres | messages | sketches | comparisons | sums | ...

export const TABLE_WORDS = 1; // total words
export const TABLE_KINDS = 2;
export const TABLE_KINDS_AT = 3;
export const TABLE_COMMANDS = 4;
export const TABLE_COMMANDS_AT = 5;
export const TABLE_EVENTS = 6;
export const TABLE_EVENTS_AT = 7;
export const TABLE_COMPARISONS = 8;
export const TABLE_COMPARISONS_AT = 9;
export const TABLE_SUMS = 10;
export const TABLE_SUMS_AT = 11;
export const TABLE_SKETCH_BYTES = 12; // slots of the sketches of one command, at most
export const TABLE_HEADER = 13;

/** A kind: 16 words. */
export const KIND_WORDS = 16;
export const KIND_NUMBER = 0;
export const KIND_SLOT_BYTES = 1; // multiple of 8
export const KIND_FIELDS = 2;
export const KIND_FIELDS_AT = 3;
export const KIND_UNIQUE = 4;
export const KIND_UNIQUE_AT = 5;
export const KIND_INDEXES = 6;
export const KIND_INDEXES_AT = 7;
export const KIND_NULLABLE = 8; // number of nullable fields
export const KIND_STATE_BYTES = 9; // logical bytes of a record without its index entries
export const KIND_REQUIRED_LOW = 10; // presence bits that are always set
export const KIND_REQUIRED_HIGH = 11;
export const KIND_IMMUTABLE_LOW = 12;
export const KIND_IMMUTABLE_HIGH = 13;

/** A field of a record, command or event: 12 words. */
export const FIELD_WORDS = 12;
export const FIELD_NUMBER = 0;
export const FIELD_TYPE = 1;
export const FIELD_OFFSET = 2; // in the slot; 0 in messages
export const FIELD_WIDTH = 3; // of one value, in the encoding; for text and bytes 2 + maxBytes, its upper bound
export const FIELD_FLAGS = 4;
/** ref: position of the target kind. enum: word offset of its sorted values. decimal: precision. text, bytes: maxBytes. */
export const FIELD_PARAMETER = 5;
export const FIELD_PARAMETER_COUNT = 6; // enum: how many values
export const FIELD_INDEXES = 7; // bit i: index i of the kind depends on this field (segment, when or where)
export const FIELD_ITEMS_MAX = 8; // repeated fields
export const FIELD_MIN_AT = 9; // word offset of four words (i128, little-endian); 0 = no bound
export const FIELD_MAX_AT = 10;

export const FIELD_FLAG_NULLABLE = 1;
export const FIELD_FLAG_IMMUTABLE = 2;
export const FIELD_FLAG_REPEATED = 4;
export const FIELD_FLAG_NOT_EMPTY = 8;

/** A unique key or canonical index: 8 words. */
export const PATH_WORDS = 8;
export const PATH_SEGMENTS = 0;
export const PATH_SEGMENTS_AT = 1;
export const PATH_KEY_BYTES = 2;
export const PATH_WHERES = 3;
export const PATH_WHERES_AT = 4;
export const PATH_STATE_BYTES = 5; // logical bytes of one entry
export const PATH_NARROW = 6; // 1: all segments are narrow (SEGMENT_WIDTH), 16 of them at most

/** A segment of a key: 7 words. */
export const SEGMENT_WORDS = 7;
export const SEGMENT_FIELD = 0; // position of the field in its kind
export const SEGMENT_DIRECTION = 1;
export const SEGMENT_WHEN_AT = 2; // of the other field: offset in the slot, width << 16; 0: none
export const SEGMENT_WHEN_VALUE = 3;
export const SEGMENT_OFFSET = 4; // of the value in the slot
export const SEGMENT_WIDTH = 5; // of a narrow value: required, fixed width, up to 8 bytes; 0: any other
export const SEGMENT_SIGNED = 6; // 1: of a signed type

export const DIRECTION_ASCENDING = 0;
export const DIRECTION_DESCENDING = 1;
/** Ascending when the other field has the value, else descending. */
export const DIRECTION_ASCENDING_WHEN = 2;
/** Descending when the other field has the value, else ascending. */
export const DIRECTION_DESCENDING_WHEN = 3;

/** A condition of a partial index: 3 words. All of them must hold. */
export const WHERE_WORDS = 3;
export const WHERE_FIELD = 0; // position of a required enum or bool field
export const WHERE_VALUES = 1;
export const WHERE_VALUES_AT = 2; // one word each

/** A command or event: 8 words. */
export const MESSAGE_WORDS = 8;
export const MESSAGE_NUMBER = 0;
export const MESSAGE_FIELDS = 1;
export const MESSAGE_FIELDS_AT = 2;
export const MESSAGE_NULLABLE = 3;
export const MESSAGE_BYTES = 4; // largest encoding
export const MESSAGE_CHECKS = 5; // fields with a payload check
export const MESSAGE_SKETCHES = 6; // of a command
export const MESSAGE_SKETCHES_AT = 7;

/** What a command's payload tells of a record that its handler may look up or create: 9 words. */
export const SKETCH_WORDS = 9;
export const SKETCHES_MAX = 8;
export const SKETCH_KIND = 0; // position
export const SKETCH_SLOT = 1; // of its slot among those of the command, in bytes
export const SKETCH_COPIES = 2; // values of the payload that are fields of the record
export const SKETCH_COPIES_AT = 3; // COPY_WORDS each
export const SKETCH_REFERENCES = 4; // SysIds of records that other sketches find
export const SKETCH_REFERENCES_AT = 5; // REFERENCE_WORDS each
export const SKETCH_UNIQUE = 6; // bit i: unique key i has values of the payload alone
export const SKETCH_UNIQUE_LATER = 7; // bit i: unique key i has values and references
export const SKETCH_REFERRED = 8; // 1: another sketch refers to the record

export const COPY_WORDS = 3;
export const COPY_FROM = 0; // offset in the payload
export const COPY_TO = 1; // offset in the slot
export const COPY_WIDTH = 2; // 1, 2, 4 or 8

export const REFERENCE_WORDS = 2;
export const REFERENCE_TO = 0; // offset in the slot
export const REFERENCE_SKETCH = 1; // position among the sketches of the command

/** One comparison of an invariant, by invariant number: 8 words. */
export const COMPARISON_WORDS = 8;
export const COMPARISON_NUMBER = 0; // of the invariant
export const COMPARISON_KIND = 1; // position
export const COMPARISON_FIELD = 2; // position
export const COMPARISON_OPERATOR = 3;
export const COMPARISON_OTHER = 4; // position of the other field, or NO_FIELD
export const COMPARISON_VALUE_AT = 5; // four words (i128) when there is no other field

export const NO_FIELD = 0xffff;
export const OPERATOR_EQ = 0;
export const OPERATOR_NE = 1;
export const OPERATOR_GT = 2;
export const OPERATOR_GTE = 3;
export const OPERATOR_LT = 4;
export const OPERATOR_LTE = 5;

/** One conserved sum, by invariant number: 4 words, then its terms of 4 words each. */
export const SUM_WORDS = 4;
export const SUM_NUMBER = 0;
export const SUM_TERMS = 1;
export const SUM_TERMS_AT = 2;
export const TERM_WORDS = 4;
export const TERM_KIND = 0; // position
export const TERM_FIELD = 1; // position of the summed field
export const TERM_BY = 2; // number of `by` segments (ascending)
export const TERM_BY_AT = 3; // segments

// ---- the frame (docs/reference/frame.md) -----------------------------------------------------------------
//
//   0      4        6         7       8     16      24      28     30     32       40           48       52       54       56         64       68        72
//   | len  | format | outcome | flags | seq | time  | epoch | kind | code | client | source seq | stream | deltas | events | previous | sysIds | payload | payload ...
//   |u32   |u16     |u8       |u8     |u64  |u64    |u32    |u16   |u16   |u64     |u64         |u32     |u16     |u16     |u64       |u32     |u32      |

export const FRAME_LENGTH = 0; // of the body, this field included
export const FRAME_FORMAT_AT = 4;
export const FRAME_OUTCOME = 6;
export const FRAME_FLAGS = 7;
export const FRAME_SEQ = 8;
export const FRAME_TIME = 16;
export const FRAME_EPOCH = 24;
export const FRAME_KIND = 28;
export const FRAME_CODE = 30;
export const FRAME_CLIENT = 32;
export const FRAME_SOURCE_SEQ = 40;
export const FRAME_STREAM = 48;
export const FRAME_DELTAS = 52;
export const FRAME_EVENTS = 54;
export const FRAME_PREVIOUS = 56; // previous frame of this source
export const FRAME_SYS_IDS = 64; // SysIds used
export const FRAME_PAYLOAD = 68; // payload bytes
export const FRAME_HEADER = 72;
export const FRAME_FLAG_SOURCE = 1;
/** A digest stands behind each body. */
export const DIGEST_BYTES = 32;

//   0    1     2      4          8       16         24        (32)
//   | op | 0   | kind | revision | SysId | previous | changed | before and after values
//   |u8  |u8   |u16   |u32       |u64    |u64       |u64, updates only
export const DELTA_OP = 0;
export const DELTA_KIND = 2;
export const DELTA_REVISION = 4; // after; of a delete the one it had
export const DELTA_SYS_ID = 8;
export const DELTA_PREVIOUS = 16; // previous frame that changed this record, 0: insert
export const DELTA_CHANGED = 24; // updates only: bits by position in number order
export const DELTA_HEADER = 24;
export const DELTA_UPDATE_HEADER = 32;
export const DELTA_INSERT = 1;
export const DELTA_UPDATE = 2;
export const DELTA_DELETE = 3;

/** An event: number u16, bytes of its values u16, values. */
export const EVENT_HEADER = 4;

// ---- the command envelope: where the host writes a command for the core ----------------------------------

export const COMMAND_CLIENT = 0;
export const COMMAND_SOURCE_SEQ = 8;
export const COMMAND_TIME = 16;
export const COMMAND_STREAM = 24;
export const COMMAND_HAS_SOURCE = 28;
export const COMMAND_KIND = 32; // number
export const COMMAND_PAYLOAD_BYTES = 36;
export const COMMAND_PAYLOAD = 64;

// ---- answers of admission --------------------------------------------------------------------------------

export const ADMIT_OK = 0;
export const ADMIT_DUPLICATE = 1; // result: last source seq, its frame
export const ADMIT_GAP = 2; // result: the expected source seq
export const ADMIT_SOURCES_FULL = 3;
export const ADMIT_MALFORMED = 4; // result: field number, 0 = the payload as a whole
export const ADMIT_TOO_LARGE = 5;

// ---- the result block: where the core writes its answers for the host ------------------------------------

export const RESULT_DECIDED = 0; // u32: the running command is already rejected or faulted
export const RESULT_OUTCOME = 4; // u32
export const RESULT_CODE = 8; // u32
export const RESULT_DETAIL = 12; // u32
export const RESULT_FIELD = 16; // u32
export const RESULT_WORK = 20; // u32: work of the running or last command
export const RESULT_FRAME_AT = 24; // u32: address of the body that was written last
export const RESULT_FRAME_BYTES = 28; // u32
export const RESULT_A = 32; // u64
export const RESULT_B = 40; // u64
export const RESULT_ASSERT = 48; // u32: number of the assert that failed
export const RESULT_IN_HANDLER = 56; // u32: 1 while code of a sealed handler runs, 0 in core code
export const RESULT_NEXT = 60; // u32: address of the envelope where a batch goes on
export const RESULT_BYTES = 64;

// ---- answers of a batch (sealed lane) --------------------------------------------------------------------

export const BATCH_DONE = 0;
export const BATCH_FULL = 1; // the output has no room for a further frame; go on when it is taken
export const BATCH_REFUSED = 2; // admission: ADMIT_... and its numbers in the result block

// ---- what apply and bulk load object to ------------------------------------------------------------------

export const APPLY_OK = 0;
export const APPLY_BAD_LENGTH = 1;
export const APPLY_BAD_FORMAT = 2;
export const APPLY_BAD_SEQ = 3;
export const APPLY_BAD_TIME = 4;
export const APPLY_BAD_EPOCH = 5;
export const APPLY_BAD_OUTCOME = 6;
export const APPLY_BAD_KIND = 7;
export const APPLY_BAD_SOURCE = 8;
export const APPLY_BAD_DELTA = 9;
export const APPLY_BAD_SYS_ID = 10;
export const APPLY_BAD_REVISION = 11;
export const APPLY_BAD_PREVIOUS = 12;
export const APPLY_BAD_BEFORE = 13;
export const APPLY_BAD_VALUE = 14;
export const APPLY_UNIQUE_KEY_TAKEN = 15;
export const APPLY_BAD_EVENT = 16;
export const APPLY_BAD_PAYLOAD = 17;
export const APPLY_BAD_ORDER = 18;

// ---- cursors ---------------------------------------------------------------------------------------------

export const BOUND_NONE = 0;
export const BOUND_INCLUSIVE = 1;
export const BOUND_EXCLUSIVE = 2;
