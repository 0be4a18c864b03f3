/**
 * Frame bodies put together by hand from docs/reference/frame.md, for the tests of the frame reader.
 *
 * Not responsible for: values; those are given as bytes. It shares no code with src/.
 */

export interface Head {
  readonly outcome?: number;
  readonly seq?: bigint;
  readonly time?: bigint;
  readonly epoch?: number;
  readonly kind: number;
  readonly code?: number;
  readonly source?: {
    readonly client: bigint;
    readonly seq: bigint;
    readonly stream: number;
    readonly previous: bigint;
  };
  readonly deltas?: number;
  readonly events?: number;
  readonly sysIds?: number;
}

/** Little-endian bytes of an integer. */
export function little(value: bigint | number, count: number): number[] {
  const unsigned = BigInt.asUintN(8 * count, BigInt(value));
  return Array.from({ length: count }, (_, index) => Number((unsigned >> BigInt(8 * index)) & 0xffn));
}

/** A length u16 and the UTF-8 of a text. */
export function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...little(bytes.length, 2), ...bytes];
}

/** A frame body: header, payload, and what stands behind it. */
export function body(
  head: Head,
  payload: readonly number[],
  ...rest: readonly (readonly number[])[]
): Uint8Array {
  const { source } = head;
  const tail = rest.flat();
  return Uint8Array.from([
    ...little(72 + payload.length + tail.length, 4),
    ...little(1, 2),
    head.outcome ?? 0,
    source ? 1 : 0,
    ...little(head.seq ?? 7n, 8),
    ...little(head.time ?? 1000n, 8),
    ...little(head.epoch ?? 1, 4),
    ...little(head.kind, 2),
    ...little(head.code ?? 0, 2),
    ...little(source?.client ?? 0n, 8),
    ...little(source?.seq ?? 0n, 8),
    ...little(source?.stream ?? 0, 4),
    ...little(head.deltas ?? 0, 2),
    ...little(head.events ?? 0, 2),
    ...little(source?.previous ?? 0n, 8),
    ...little(head.sysIds ?? 0, 4),
    ...little(payload.length, 4),
    ...payload,
    ...tail,
  ]);
}

/** A delta entry; `changed` stands in updates only. */
export function delta(
  op: number,
  kind: number,
  revision: number,
  sysId: bigint,
  previous: bigint,
  changed: bigint | null,
  ...values: readonly (readonly number[])[]
): number[] {
  const head = [
    op,
    0,
    ...little(kind, 2),
    ...little(revision, 4),
    ...little(sysId, 8),
    ...little(previous, 8),
  ];
  return [...head, ...(changed === null ? [] : little(changed, 8)), ...values.flat()];
}

/** An event. */
export function event(number: number, ...values: readonly (readonly number[])[]): number[] {
  const bytes = values.flat();
  return [...little(number, 2), ...little(bytes.length, 2), ...bytes];
}
