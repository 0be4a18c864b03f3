/**
 * Handlers of the vectors: invariants, faults, arithmetic, and what a command knows of itself.
 */
import { num, type Tx } from "statevec";
import type { Decimal, Infer, SysId } from "statevec/schema";
import {
  Account,
  Anchor,
  type Burn,
  ComputedI64,
  ComputedI128,
  ComputedU64,
  ComputedU128,
  type ComputeI64,
  type ComputeI128,
  type ComputeU64,
  type ComputeU128,
  ContextTold,
  type Divide,
  Divided,
  Entry,
  type Flash,
  Full,
  FullSeen,
  Hold,
  Key,
  type Mint,
  type Misbehave,
  type Mode,
  Noted,
  type OpenAccount,
  type Operation,
  type PlaceHold,
  type PutRule,
  Reject,
  type ReleaseHold,
  type Repaint,
  Rule,
  type Touch,
  type Transfer,
  type WriteThenReject,
} from "./kinds.schema.ts";

// ---- invariants ------------------------------------------------------------------------------------------

export function openAccount(tx: Tx, { id, color, balance, points }: Infer<typeof OpenAccount>): void {
  tx.create(Account, { id, color, balance, points });
}

export function transfer(tx: Tx, cmd: Infer<typeof Transfer>): void {
  const from = tx.get(Account.byId, cmd.from);
  const to = tx.get(Account.byId, cmd.to);
  const left = num.i64.sub(from.balance, cmd.amount) as Decimal<2>;
  tx.update(from, { balance: left, points: num.i128.sub(from.points, cmd.points) });
  const held = num.i64.add(to.balance, cmd.amount) as Decimal<2>;
  tx.update(to, { balance: held, points: num.i128.add(to.points, cmd.points) });
}

export function placeHold(tx: Tx, { id, account, amount }: Infer<typeof PlaceHold>): void {
  const owner = tx.get(Account.byId, account);
  tx.update(owner, { balance: num.i64.sub(owner.balance, amount) as Decimal<2> });
  tx.create(Hold, { id, account: owner.sysId, color: owner.color, amount });
}

export function releaseHold(tx: Tx, { id, account }: Infer<typeof ReleaseHold>): void {
  const hold = tx.get(Hold.byId, id);
  const owner = tx.get(Account.byId, account);
  tx.update(owner, { balance: num.i64.add(owner.balance, hold.amount) as Decimal<2> });
  tx.delete(hold);
}

export function repaint(tx: Tx, { id, color }: Infer<typeof Repaint>): void {
  tx.update(tx.get(Account.byId, id), { color });
}

export function mint(tx: Tx, { id, amount, points }: Infer<typeof Mint>): void {
  const account = tx.get(Account.byId, id);
  const balance = num.i64.add(account.balance, amount) as Decimal<2>;
  tx.update(account, { balance, points: num.i128.add(account.points, points) });
}

export function putRule(tx: Tx, cmd: Infer<typeof PutRule>): void {
  const { id, seven, notThirteen, above, base, atLeastBase, belowBase, atMost } = cmd;
  tx.create(Rule, { id, seven, notThirteen, above, base, atLeastBase, belowBase, atMost });
}

// ---- faults ----------------------------------------------------------------------------------------------

export function burn(tx: Tx, { lookups }: Infer<typeof Burn>): void {
  for (let lookup = 0; lookup < lookups; lookup++) tx.exists(Anchor.byId, 4_294_967_295);
}

const NEVER_GIVEN = 1_000_000n as SysId<"Account">;
const LONG_TEXT = "a text of more than sixteen bytes";
const LONG_BLOB = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
const TOO_LARGE = 1_000_000_000_000n as Decimal<2>;

/** Every misdeed wants the Full record 1, and an Account where it refers to one. */
export function misbehave(tx: Tx, { misdeed }: Infer<typeof Misbehave>): void {
  const full = tx.get(Full.byId, 1);
  switch (misdeed) {
    case "ReferToNothing":
      tx.create(Hold, { id: 1, account: 0n as SysId<"Account">, color: "Red", amount: 0n as Decimal<2> });
      break;
    case "ReferToTheFuture":
      tx.create(Hold, { id: 1, account: NEVER_GIVEN, color: "Red", amount: 0n as Decimal<2> });
      break;
    case "ReferToAnotherKind":
      tx.update(full, { anchor: full.sysId as unknown as SysId<"Anchor"> });
      break;
    case "UpdateDeleted":
      tx.delete(full);
      tx.update(full, { tiny: 1 });
      break;
    case "DeleteTwice":
      tx.delete(full);
      tx.delete(full);
      break;
    case "UnknownEnumValue":
      tx.update(full, { color: "Purple" as "Red" });
      break;
    case "KeyTooLong":
      tx.exists(Key.byLabel, LONG_TEXT);
      break;
    case "BoundTooLarge":
      tx.first(Full.priceFirst, [], { from: TOO_LARGE });
      break;
    case "PriceTooLarge":
      tx.update(full, { price: TOO_LARGE });
      break;
    case "LabelTooLong":
      tx.update(full, { label: LONG_TEXT });
      break;
    case "BlobTooLong":
      tx.update(full, { blob: LONG_BLOB });
      break;
    case "EventTooLong":
      emitTooLong(tx, full);
      break;
    case "DetailTooLarge":
      tx.reject(Reject.SIGNED, { signedMedium: 0, signedLarge: 0n, signedHuge: 0n, price: TOO_LARGE });
      break;
    case "SumTooLarge":
      tx.update(full, { large: num.u64.add(18_446_744_073_709_551_615n, full.large) });
      break;
    case "GetMissingSysId":
      tx.get(Account, NEVER_GIVEN);
      break;
    case "GetMissingKey":
      tx.get(Entry.byId, 4_294_967_295);
      break;
  }
}

function emitTooLong(tx: Tx, full: Infer<typeof Full>): void {
  tx.emit(FullSeen, {
    id: full.id,
    flag: full.flag,
    tiny: full.tiny,
    small: full.small,
    medium: full.medium,
    large: full.large,
    huge: full.huge,
    signedTiny: full.signedTiny,
    signedSmall: full.signedSmall,
    signedMedium: full.signedMedium,
    signedLarge: full.signedLarge,
    signedHuge: full.signedHuge,
    price: full.price,
    wealth: full.wealth,
    time: full.time,
    color: full.color,
    weather: full.weather,
    label: LONG_TEXT,
    blob: LONG_BLOB,
    anchor: full.anchor,
  });
}

export function divide(tx: Tx, { dividend, divisor }: Infer<typeof Divide>): void {
  tx.emit(Divided, { quotient: dividend / divisor });
}

// ---- the command itself ----------------------------------------------------------------------------------

export function tellContext(tx: Tx): void {
  const { source } = tx;
  tx.emit(ContextTold, {
    seq: tx.seq,
    time: tx.timeNs,
    client: source === undefined ? null : source.client,
    stream: source === undefined ? null : source.stream,
    sourceSeq: source === undefined ? null : source.seq,
  });
}

export function flash(tx: Tx, { id }: Infer<typeof Flash>): void {
  const anchor = tx.create(Anchor, { id });
  tx.delete(anchor);
  tx.emit(Noted, {});
}

export function touch(tx: Tx, { id }: Infer<typeof Touch>): void {
  const full = tx.get(Full.byId, id);
  tx.update(full, { large: full.large, label: full.label, color: full.color });
}

export function writeThenReject(tx: Tx, { id }: Infer<typeof WriteThenReject>): void {
  tx.create(Anchor, { id });
  tx.emit(Noted, {});
  return tx.reject(Reject.NO);
}

// ---- arithmetic ------------------------------------------------------------------------------------------

type Arithmetic = typeof num.u64;

/** `rescale` takes a from `b` decimal places to `c`. */
function compute(
  type: Arithmetic,
  operation: Infer<typeof Operation>,
  mode: Infer<typeof Mode>,
  [a, b, c]: readonly [bigint, bigint, bigint],
): bigint {
  switch (operation) {
    case "add":
      return type.add(a, b);
    case "sub":
      return type.sub(a, b);
    case "mul":
      return type.mul(a, b);
    case "div":
      return type.div(a, b, mode);
    case "mulDiv":
      return type.mulDiv(a, b, c, mode);
    case "rescale":
      return type.rescale(a, Number(b), Number(c), mode);
  }
}

export function computeU64(tx: Tx, { operation, mode, a, b, c }: Infer<typeof ComputeU64>): void {
  tx.emit(ComputedU64, { value: compute(num.u64, operation, mode, [a, b, c]) });
}

export function computeI64(tx: Tx, { operation, mode, a, b, c }: Infer<typeof ComputeI64>): void {
  tx.emit(ComputedI64, { value: compute(num.i64, operation, mode, [a, b, c]) });
}

export function computeU128(tx: Tx, { operation, mode, a, b, c }: Infer<typeof ComputeU128>): void {
  tx.emit(ComputedU128, { value: compute(num.u128, operation, mode, [a, b, c]) });
}

export function computeI128(tx: Tx, { operation, mode, a, b, c }: Infer<typeof ComputeI128>): void {
  tx.emit(ComputedI128, { value: compute(num.i128, operation, mode, [a, b, c]) });
}
