/** Run where code from text is refused: static code of a peer and ours, there and back. Prints what came back. */
import { createRequire } from "node:module";
import { DomainMessages, messageToBytes, messageToValues } from "../../src/proto/domain-messages.ts";
import { StateVecDecoder } from "../../src/proto/frame-decoder.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { jsonText } from "../../src/schema/values-json.ts";
import { openDesk } from "./desk.ts";
import { types } from "./schemas.ts";

let refused = false;
try {
  new Function("return 1");
} catch {
  refused = true;
}

const { types: peer } = createRequire(import.meta.url)(process.argv[2]!);
const mixed = new DomainMessages(modelOf(types)).commands.named("Mixed")!;
const values = {
  first: 4_000_000_000,
  second: "é",
  third: [1, 65_535],
  fourth: -(2n ** 63n),
  fifth: ["a", ""],
  sixth: 2n ** 64n - 1n,
};
const bytes = messageToBytes(mixed, values);
const theirs = peer.Mixed.encode(peer.Mixed.decode(bytes)).finish();

const engine = await openDesk();
await engine.submitBytes("Touch", new Uint8Array([8, 1, 16, 1]));
const decoder = new StateVecDecoder(modelOf((await import("./desk.ts")).desk.schema));
const frames: string[] = [];
for await (const frame of engine.frames({ encoding: "protobuf" })) frames.push(decoder.frame(frame).type);
await engine.close();

process.stdout.write(jsonText({ refused, frames, values: messageToValues(mixed, new Uint8Array(theirs)) }));
