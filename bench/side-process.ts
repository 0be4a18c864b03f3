/**
 * The process of one side: told by its parent to start, to take turns, to finish. A heap of its own for each side.
 *
 * Responsible for: messages. Not responsible for: any measurement (sides/).
 */
import { startAbslCosts } from "./sides/absl-costs.ts";
import { startApply } from "./sides/apply.ts";
import { startAudit } from "./sides/audit.ts";
import { startDisk } from "./sides/disk.ts";
import { startExchange, startExchangeSingle } from "./sides/exchange.ts";
import { startGrowth } from "./sides/growth.ts";
import { startKeyCosts } from "./sides/key-costs.ts";
import { startOrderBook } from "./sides/order-book.ts";
import { startPostgres } from "./sides/postgres.ts";
import { startProtobuf, startProtobufBufbuild, startProtobufStatic } from "./sides/protobuf.ts";
import {
  startSealedBatches,
  startSealedExecutor,
  startSealedLatency,
  startSealedSubmit,
} from "./sides/sealed.ts";
import { startExchangeService, startLedgerService } from "./sides/service.ts";
import type { Figures, Side, SideOptions, StartSide } from "./sides/side.ts";
import { startSizes } from "./sides/sizes.ts";
import { startSnapshot } from "./sides/snapshot.ts";
import { startSqlite } from "./sides/sqlite.ts";

const SIDES = {
  "absl-costs": startAbslCosts,
  apply: startApply,
  disk: startDisk,
  exchange: startExchange,
  "exchange-single": startExchangeSingle,
  growth: startGrowth,
  "key-costs": startKeyCosts,
  "order-book": startOrderBook,
  audit: startAudit,
  protobuf: startProtobuf,
  "protobuf-bufbuild": startProtobufBufbuild,
  "protobuf-static": startProtobufStatic,
  postgres: startPostgres,
  "exchange-service": startExchangeService,
  "ledger-service": startLedgerService,
  "sealed-batches": startSealedBatches,
  "sealed-executor": startSealedExecutor,
  "sealed-latency": startSealedLatency,
  "sealed-submit": startSealedSubmit,
  snapshot: startSnapshot,
  sizes: startSizes,
  sqlite: startSqlite,
} satisfies Record<string, StartSide>;

export type SideName = keyof typeof SIDES;

/** What the parent says. */
export type Request =
  | { readonly say: "start"; readonly name: SideName; readonly options: SideOptions }
  | { readonly say: "turn"; readonly turn: number }
  | { readonly say: "finish" };

/** What the process answers to each. */
export type Reply = { readonly figures: Figures } | { readonly failure: string };

let side: Side | undefined;

async function answer(request: Request): Promise<Figures> {
  if (request.say === "start") {
    side = await SIDES[request.name](request.options);
    return {};
  }
  if (side === undefined) throw new Error(`"${request.say}" before "start"`);
  return request.say === "turn" ? side.turn(request.turn) : side.finish();
}

process.on("message", (request: Request) => {
  answer(request).then(
    (figures) => process.send!({ figures } satisfies Reply),
    (error: unknown) => {
      const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.send!({ failure } satisfies Reply);
    },
  );
});
