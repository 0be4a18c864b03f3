/** Messages out of a stream that comes in pieces of any size. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { cutMessages } from "../../src/client/delimited.ts";

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

function streamOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const left = [...pieces];
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
}

async function allOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  for await (const message of cutMessages(stream)) messages.push(message);
  return messages;
}

it("gives the messages, however the bytes are cut", async () => {
  const message = fc.uint8Array({ maxLength: 300 });
  const law = fc.asyncProperty(
    fc.array(message, { maxLength: 40 }),
    fc.infiniteStream(fc.nat(500)),
    async (all, sizes) => {
      const bytes = Uint8Array.from(all.flatMap((one) => [...varint(one.length), ...one]));
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; ) {
        const { value } = sizes.next();
        pieces.push(bytes.slice(at, at + value));
        at += value;
      }
      expect(await allOf(streamOf(pieces))).toEqual(all);
    },
  );
  await fc.assert(law, { numRuns: 300 });
});

it.each([
  ["within a length", [0x80], /ended within a message, 1 bytes/],
  ["within a message", [5, 1, 2], /ended within a message, 3 bytes/],
  ["a message larger than any frame", varint(2 ** 29), /a message of 536870912 bytes/],
  ["a length that does not end", Array(12).fill(0x80), /a length that does not end/],
])("refuses %s", async (_name, bytes, message) => {
  await expect(allOf(streamOf([Uint8Array.from(bytes)]))).rejects.toThrow(message);
});

it("lets the stream go when its reader leaves", async () => {
  let cancelled = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(Uint8Array.of(1, 7, 1, 8)),
    cancel() {
      cancelled++;
    },
  });
  for await (const message of cutMessages(stream)) {
    expect(message).toEqual(Uint8Array.of(7));
    break;
  }
  expect(cancelled).toBe(1);
});
