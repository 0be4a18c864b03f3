/**
 * Values across the boundary of an AssemblyScript module: strings, typed arrays, arrays, buffers, unsigned integers.
 *
 * Responsible for: the layouts of the compiler that builds the core. as-bind 0.8.2 knows those of an older one, and gives
 * unsigned integers a sign.
 * Not responsible for: which export takes what; that stands in the module (scripts/bindings-transform.mjs).
 *
 * Invariants: I1 what comes out is a copy, never a view of linear memory; I2 views are made again after every allocation,
 * since memory may have grown; I3 `null` is address 0, both ways.
 *
 *   string, buffer   -4 bytes u32 | bytes ...             a string has two for each UTF-16 unit
 *   typed array      0 buffer u32 | 4 data u32 | 8 bytes u32
 *   array            as a typed array, and 12 length u32
 */
/// <reference path="./as-bind.d.ts" />
import type { Binding, Converter } from "#as-bind";

const STRING = "~lib/string/String";
const BUFFER = "~lib/arraybuffer/ArrayBuffer";
const TYPED_ARRAY = "~lib/typedarray/";
const ARRAY = "~lib/array/Array<";
const ARRAY_NAME = /^~lib\/array\/Array<.+>$/;

const HANDLE_BYTES = 12;
const ARRAY_BYTES = 16;
/** So many units at once: each is an argument of a call. */
const UNITS = 4096;

const TYPED_ARRAYS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Int64Array: BigInt64Array,
  Uint64Array: BigUint64Array,
} as const;

// ---- memory ----------------------------------------------------------------------------------------------

function memoryOf({ exports }: Binding): ArrayBuffer {
  return exports.memory.buffer;
}

function viewOf(binding: Binding): DataView {
  return new DataView(memoryOf(binding));
}

function u32At(binding: Binding, address: number): number {
  return viewOf(binding).getUint32(address, true);
}

/** Makes an object; nothing of it is filled. */
function make(binding: Binding, bytes: number, type: string): number {
  return binding.exports.__new(bytes, binding.getTypeId(type)) >>> 0;
}

/** Makes an array or typed array on a buffer of `bytes` bytes, which `fill` fills. */
function makeOnBuffer(
  binding: Binding,
  type: string,
  handleBytes: number,
  bytes: number,
  fill: (at: number) => void,
): number {
  const { exports } = binding;
  const buffer = exports.__pin(make(binding, bytes, BUFFER)) >>> 0;
  const handle = exports.__pin(make(binding, handleBytes, type)) >>> 0;
  const view = viewOf(binding);
  view.setUint32(handle, buffer, true);
  view.setUint32(handle + 4, buffer, true);
  view.setUint32(handle + 8, bytes, true);
  fill(buffer);
  exports.__unpin(handle);
  exports.__unpin(buffer);
  return handle;
}

// ---- converters ------------------------------------------------------------------------------------------

/** A converter of objects: `null` and `undefined` are address 0. */
function ofObjects(
  read: (binding: Binding, address: number, type: string) => unknown,
  write: (binding: Binding, value: any, type: string) => number,
): Converter {
  return {
    ascToJs: (binding, address: number, type) => (address === 0 ? null : read(binding, address >>> 0, type)),
    jsToAsc: (binding, value, type) =>
      value === null || value === undefined ? 0 : write(binding, value, type),
  };
}

const string = ofObjects(
  (binding, address) => {
    const units = new Uint16Array(memoryOf(binding), address, u32At(binding, address - 4) >>> 1);
    let text = "";
    for (let at = 0; at < units.length; at += UNITS) {
      text += String.fromCharCode(...units.subarray(at, at + UNITS));
    }
    return text;
  },
  (binding, text: string) => {
    const address = make(binding, text.length * 2, STRING);
    const units = new Uint16Array(memoryOf(binding), address, text.length);
    for (let index = 0; index < text.length; index++) units[index] = text.charCodeAt(index);
    return address;
  },
);

const buffer = ofObjects(
  (binding, address) => memoryOf(binding).slice(address, address + u32At(binding, address - 4)),
  (binding, value: ArrayBuffer) => {
    const address = make(binding, value.byteLength, BUFFER);
    new Uint8Array(memoryOf(binding), address, value.byteLength).set(new Uint8Array(value));
    return address;
  },
);

function typedArray(Class: (typeof TYPED_ARRAYS)[keyof typeof TYPED_ARRAYS]): Converter {
  return ofObjects(
    (binding, address) => {
      const data = u32At(binding, address + 4);
      return new Class(memoryOf(binding).slice(data, data + u32At(binding, address + 8)));
    },
    (binding, values, type) => {
      const bytes = values.length * Class.BYTES_PER_ELEMENT;
      return makeOnBuffer(binding, type, HANDLE_BYTES, bytes, (at) => {
        new Class(memoryOf(binding), at, values.length).set(values);
      });
    },
  );
}

/** How elements that are numbers stand in an array; all others are addresses. */
interface Element {
  readonly bytes: number;
  read(view: DataView, at: number): unknown;
  write(view: DataView, at: number, value: any): void;
}

function numeric(bytes: number, name: string): Element {
  const get = `get${name}` as "getInt16";
  const set = `set${name}` as "setInt16";
  return {
    bytes,
    read: (view, at) => view[get](at, true),
    write: (view, at, value) => view[set](at, value, true),
  };
}

const BOOL: Element = {
  bytes: 1,
  read: (view, at) => view.getUint8(at) !== 0,
  write: (view, at, value) => view.setUint8(at, value ? 1 : 0),
};

const ELEMENTS: Readonly<Record<string, Element>> = {
  bool: BOOL,
  i8: numeric(1, "Int8"),
  u8: numeric(1, "Uint8"),
  i16: numeric(2, "Int16"),
  u16: numeric(2, "Uint16"),
  i32: numeric(4, "Int32"),
  u32: numeric(4, "Uint32"),
  i64: numeric(8, "BigInt64"),
  u64: numeric(8, "BigUint64"),
};

const ADDRESS_BYTES = 4;

/** The element type of `~lib/array/Array<...>`. */
function elementType(type: string): string {
  return type.slice(ARRAY.length, -1);
}

/** An array of numbers, or of anything that has a converter: arrays of arrays as well. */
function array(find: (type: string) => Converter): Converter {
  return ofObjects(
    (binding, address, type) => {
      const element = elementType(type);
      const known = ELEMENTS[element];
      const data = u32At(binding, address + 4);
      return Array.from({ length: u32At(binding, address + 12) }, (_, index) => {
        if (known !== undefined) return known.read(viewOf(binding), data + index * known.bytes);
        const item = u32At(binding, data + index * ADDRESS_BYTES);
        return find(element).ascToJs(binding, item, element);
      });
    },
    (binding, values: readonly unknown[], type) => {
      const element = elementType(type);
      const known = ELEMENTS[element];
      const width = known?.bytes ?? ADDRESS_BYTES;
      const fill = (at: number) => {
        for (const [index, value] of values.entries()) {
          const place = at + index * width;
          if (known !== undefined) known.write(viewOf(binding), place, value);
          else {
            const item = find(element).jsToAsc(binding, value, element) as number;
            viewOf(binding).setUint32(place, item, true);
          }
        }
      };
      const address = makeOnBuffer(binding, type, ARRAY_BYTES, values.length * width, fill);
      viewOf(binding).setUint32(address + 12, values.length, true);
      return address;
    },
  );
}

/**
 * A converter of numbers. WebAssembly takes them as they are, and must be given them so: as-bind takes an argument that a
 * converter has changed for an object, and pins it.
 */
function ofNumbers(ascToJs: (value: any) => unknown): Converter {
  return { ascToJs: (_, value) => ascToJs(value), jsToAsc: (_, value) => value };
}

const SIGNED = ofNumbers((value) => value);
const UNSIGNED = ofNumbers((value) => value >>> 0);
const NUMBERS: Readonly<Record<string, Converter>> = {
  void: SIGNED,
  bool: ofNumbers((value) => value !== 0),
  i8: SIGNED,
  i16: SIGNED,
  i32: SIGNED,
  isize: SIGNED,
  i64: SIGNED,
  u8: UNSIGNED,
  u16: UNSIGNED,
  u32: UNSIGNED,
  usize: UNSIGNED,
  u64: ofNumbers((value) => BigInt.asUintN(64, value)),
};

/** Whatever else: as-bind itself would hand over the address. */
const unknown: Converter = { ascToJs: refuse, jsToAsc: refuse };

function refuse(_binding: Binding, _value: unknown, type: string): never {
  throw new TypeError(`found a value of type ${type}, which has no converter`);
}

/** The converters by type, the most particular first. */
function ourConverters(): Map<string | RegExp, Converter> {
  const ours = new Map<string | RegExp, Converter>(Object.entries(NUMBERS));
  const find = (type: string) => ours.get(type) ?? (ARRAY_NAME.test(type) ? arrays : unknown);
  const arrays = array(find);
  ours.set(STRING, string);
  ours.set(BUFFER, buffer);
  for (const [name, Class] of Object.entries(TYPED_ARRAYS)) ours.set(TYPED_ARRAY + name, typedArray(Class));
  ours.set(ARRAY_NAME, arrays);
  ours.set(/^/, unknown);
  return ours;
}

/**
 * Puts our converters into the place of those of as-bind, which asks one map for all of its bindings. The copy of as-bind
 * is bundled with this package, so nobody else's bindings change. Again is as good as once.
 */
export function replaceConverters(converters: Map<string | RegExp, Converter>): void {
  converters.clear();
  for (const [type, converter] of ourConverters()) converters.set(type, converter);
}
