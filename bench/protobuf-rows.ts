/**
 * Rows of protobuf: decoding a small message to the canonical payload, beside other implementations and beside the command.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { alone, compared, contender, type Group, type Row, run } from "./group.ts";
import { root } from "./places.ts";
import { medianOf } from "./turns.ts";

const DECODE: Row = {
  name: "protobuf-decode",
  unit: "messages/s",
  bar: 2_000_000,
  reachFor: 4_000_000,
  better: "more",
};
const STATIC: Row = { ...DECODE, name: "protobuf-decode-static", bar: null, reachFor: null };
const BUFBUILD: Row = { ...STATIC, name: "protobuf-decode-bufbuild" };
/** Of the time that the sealed executor takes for a command of the stream. */
const SHARE: Row = { name: "protobuf-share", unit: "% of a command", bar: 20, reachFor: 10, better: "less" };

/** `name version` of a package of the project itself. */
function packageName(name: string): string {
  const file = join(root, "node_modules", name, "package.json");
  return `${name} ${JSON.parse(readFileSync(file, "utf8")).version}`;
}

export const protobufGroup: Group = {
  rows: [DECODE, STATIC, BUFBUILD, SHARE],
  durable: false,
  async measure(settings) {
    const turns = settings.quick ? 3 : 5;
    const options = { turns, perTurn: settings.quick ? 500_000 : 2_000_000 };
    const [ours, peerStatic, bufbuild, execution] = await run(settings, turns, [
      contender("protobuf", options),
      contender("protobuf-static", options),
      contender("protobuf-bufbuild", options),
      contender("sealed-executor", { turns, perTurn: settings.quick ? 60_000 : 200_000 }),
    ]);
    const value = medianOf(ours!, "perSecond");
    const share = (100 * medianOf(execution!, "perSecond")) / value;
    return {
      results: [
        alone(DECODE, value),
        compared(STATIC, value, `${packageName("protobufjs")} static`, medianOf(peerStatic!, "perSecond")),
        compared(BUFBUILD, value, packageName("@bufbuild/protobuf"), medianOf(bufbuild!, "perSecond")),
        alone(SHARE, share),
      ],
      notes: [
        "protobuf: PlaceOrder of the stream; ours to canonical bytes with every rule checked, the peers to objects",
      ],
    };
  },
};
