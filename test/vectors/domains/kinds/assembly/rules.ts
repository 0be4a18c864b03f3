/**
 * Handlers of the vectors, sealed lane: invariants, faults, arithmetic, and what a command knows of itself. Line for line
 * those of rules.handlers.ts.
 */
import { Bytes, I128, num, Rounding, Text, tx, U128 } from "statevec/assembly";
import {
  Account,
  Anchor,
  Burn,
  Check,
  Color,
  ComputedI64,
  ComputedI128,
  ComputedU64,
  ComputedU128,
  ComputeI64,
  ComputeI128,
  ComputeU64,
  ComputeU128,
  ContextTold,
  Divide,
  Divided,
  Entry,
  Flash,
  Full,
  FullSeen,
  Hold,
  Key,
  Mint,
  Misbehave,
  Misdeed,
  Mode,
  Noted,
  OpenAccount,
  Operation,
  PlaceHold,
  PutRule,
  Reject,
  ReleaseHold,
  Repaint,
  Rule,
  TellContext,
  Touch,
  Transfer,
  WriteThenReject,
} from "../build/kinds.schema";

// ---- invariants ------------------------------------------------------------------------------------------

export function openAccount(cmd: OpenAccount): void {
  Account.create({ id: cmd.id, color: cmd.color, balance: cmd.balance, points: cmd.points });
}

export function transfer(cmd: Transfer): void {
  const from = Account.byId.get(cmd.from);
  const to = Account.byId.get(cmd.to);
  from.balance = num.i64.sub(from.balance, cmd.amount);
  from.points = num.i128.sub(from.points, cmd.points);
  to.balance = num.i64.add(to.balance, cmd.amount);
  to.points = num.i128.add(to.points, cmd.points);
}

export function placeHold(cmd: PlaceHold): void {
  const owner = Account.byId.get(cmd.account);
  owner.balance = num.i64.sub(owner.balance, cmd.amount);
  Hold.create({ id: cmd.id, account: owner.sysId, color: owner.color, amount: cmd.amount });
}

export function releaseHold(cmd: ReleaseHold): void {
  const hold = Hold.byId.get(cmd.id);
  const owner = Account.byId.get(cmd.account);
  owner.balance = num.i64.add(owner.balance, hold.amount);
  hold.delete();
}

export function repaint(cmd: Repaint): void {
  Account.byId.get(cmd.id).color = cmd.color;
}

export function mint(cmd: Mint): void {
  const account = Account.byId.get(cmd.id);
  account.balance = num.i64.add(account.balance, cmd.amount);
  account.points = num.i128.add(account.points, cmd.points);
}

export function putRule(cmd: PutRule): void {
  Rule.create({
    id: cmd.id,
    seven: cmd.seven,
    notThirteen: cmd.notThirteen,
    above: cmd.above,
    base: cmd.base,
    atLeastBase: cmd.atLeastBase,
    belowBase: cmd.belowBase,
    hasAtMost: cmd.hasAtMost,
    atMost: cmd.atMost,
  });
}

// ---- faults ----------------------------------------------------------------------------------------------

export function check(cmd: Check): void {}

export function burn(cmd: Burn): void {
  for (let lookup: u32 = 0; lookup < cmd.lookups; lookup++) Anchor.byId.exists(4_294_967_295);
}

const NEVER_GIVEN: u64 = 1_000_000;
const LONG_TEXT = "a text of more than sixteen bytes";
const TOO_LARGE: i64 = 1_000_000_000_000;

function longText(): Text {
  return Text.of(LONG_TEXT);
}

function longBlob(): Bytes {
  return Bytes.of([1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

/** Every misdeed wants the Full record 1, and an Account where it refers to one. */
export function misbehave(cmd: Misbehave): void {
  const full = Full.byId.get(1);
  switch (cmd.misdeed) {
    case Misdeed.ReferToNothing:
      Hold.create({ id: 1, account: 0, color: Color.Red, amount: 0 });
      break;
    case Misdeed.ReferToTheFuture:
      Hold.create({ id: 1, account: NEVER_GIVEN, color: Color.Red, amount: 0 });
      break;
    case Misdeed.ReferToAnotherKind:
      full.anchor = full.sysId;
      break;
    case Misdeed.UpdateDeleted:
      full.delete();
      full.tiny = 1;
      break;
    case Misdeed.DeleteTwice:
      full.delete();
      full.delete();
      break;
    case Misdeed.UnknownEnumValue:
      full.color = purple();
      break;
    case Misdeed.KeyTooLong:
      Key.byLabel.exists(longText());
      break;
    case Misdeed.BoundTooLarge:
      Full.priceFirst.priceFrom(TOO_LARGE).first();
      break;
    case Misdeed.PriceTooLarge:
      full.price = TOO_LARGE;
      break;
    case Misdeed.LabelTooLong:
      full.label = longText();
      break;
    case Misdeed.BlobTooLong:
      full.blob = longBlob();
      break;
    case Misdeed.EventTooLong:
      emitTooLong(full);
      break;
    case Misdeed.DetailTooLarge:
      Reject.SIGNED({ signedMedium: 0, signedLarge: 0, signedHuge: I128.from<u64>(0), price: TOO_LARGE });
      break;
    case Misdeed.SumTooLarge:
      full.large = num.u64.add(u64.MAX_VALUE, full.large);
      break;
    case Misdeed.GetMissingSysId:
      Account.get(NEVER_GIVEN);
      break;
    case Misdeed.GetMissingKey:
      Entry.byId.get(4_294_967_295);
      break;
  }
}

/** A value that the enumeration does not have. */
function purple(): Color {
  const value: i32 = 9;
  return value;
}

function emitTooLong(full: Full): void {
  FullSeen.emit({
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
    label: longText(),
    blob: longBlob(),
    anchor: full.anchor,
  });
}

export function divide(cmd: Divide): void {
  Divided.emit({ quotient: cmd.dividend / cmd.divisor });
}

// ---- the command itself ----------------------------------------------------------------------------------

export function tellContext(cmd: TellContext): void {
  const source = tx.source;
  ContextTold.emit({
    seq: tx.seq,
    time: tx.timeNs,
    hasClient: source != null,
    client: source ? source.client : 0,
    hasStream: source != null,
    stream: source ? source.stream : 0,
    hasSourceSeq: source != null,
    sourceSeq: source ? source.seq : 0,
  });
}

export function flash(cmd: Flash): void {
  const anchor = Anchor.create({ id: cmd.id });
  anchor.delete();
  Noted.emit({});
}

export function touch(cmd: Touch): void {
  const full = Full.byId.get(cmd.id);
  full.large = full.large;
  full.color = full.color;
  full.label = full.label;
}

export function writeThenReject(cmd: WriteThenReject): void {
  Anchor.create({ id: cmd.id });
  Noted.emit({});
  return Reject.NO();
}

// ---- arithmetic ------------------------------------------------------------------------------------------

function roundingOf(mode: Mode): Rounding {
  switch (mode) {
    case Mode.floor:
      return Rounding.Floor;
    case Mode.ceil:
      return Rounding.Ceil;
    case Mode.halfUp:
      return Rounding.HalfUp;
    case Mode.halfEven:
      return Rounding.HalfEven;
    default:
      return Rounding.Truncate;
  }
}

export function computeU64(cmd: ComputeU64): void {
  const mode = roundingOf(cmd.mode);
  ComputedU64.emit({ value: u64Of(cmd, mode) });
}

/** `rescale` takes a from `b` decimal places to `c`. */
function u64Of(cmd: ComputeU64, mode: Rounding): u64 {
  switch (cmd.operation) {
    case Operation.add:
      return num.u64.add(cmd.a, cmd.b);
    case Operation.sub:
      return num.u64.sub(cmd.a, cmd.b);
    case Operation.mul:
      return num.u64.mul(cmd.a, cmd.b);
    case Operation.div:
      return num.u64.div(cmd.a, cmd.b, mode);
    case Operation.mulDiv:
      return num.u64.mulDiv(cmd.a, cmd.b, cmd.c, mode);
    default:
      return num.u64.rescale(cmd.a, <i32>cmd.b, <i32>cmd.c, mode);
  }
}

export function computeI64(cmd: ComputeI64): void {
  const mode = roundingOf(cmd.mode);
  ComputedI64.emit({ value: i64Of(cmd, mode) });
}

/** `rescale` takes a from `b` decimal places to `c`. */
function i64Of(cmd: ComputeI64, mode: Rounding): i64 {
  switch (cmd.operation) {
    case Operation.add:
      return num.i64.add(cmd.a, cmd.b);
    case Operation.sub:
      return num.i64.sub(cmd.a, cmd.b);
    case Operation.mul:
      return num.i64.mul(cmd.a, cmd.b);
    case Operation.div:
      return num.i64.div(cmd.a, cmd.b, mode);
    case Operation.mulDiv:
      return num.i64.mulDiv(cmd.a, cmd.b, cmd.c, mode);
    default:
      return num.i64.rescale(cmd.a, <i32>cmd.b, <i32>cmd.c, mode);
  }
}

export function computeU128(cmd: ComputeU128): void {
  const mode = roundingOf(cmd.mode);
  ComputedU128.emit({ value: u128Of(cmd, mode) });
}

/** `rescale` takes a from `b` decimal places to `c`. */
function u128Of(cmd: ComputeU128, mode: Rounding): U128 {
  switch (cmd.operation) {
    case Operation.add:
      return num.u128.add(cmd.a, cmd.b);
    case Operation.sub:
      return num.u128.sub(cmd.a, cmd.b);
    case Operation.mul:
      return num.u128.mul(cmd.a, cmd.b);
    case Operation.div:
      return num.u128.div(cmd.a, cmd.b, mode);
    case Operation.mulDiv:
      return num.u128.mulDiv(cmd.a, cmd.b, cmd.c, mode);
    default:
      return num.u128.rescale(cmd.a, <i32>cmd.b.lo, <i32>cmd.c.lo, mode);
  }
}

export function computeI128(cmd: ComputeI128): void {
  const mode = roundingOf(cmd.mode);
  ComputedI128.emit({ value: i128Of(cmd, mode) });
}

/** `rescale` takes a from `b` decimal places to `c`. */
function i128Of(cmd: ComputeI128, mode: Rounding): I128 {
  switch (cmd.operation) {
    case Operation.add:
      return num.i128.add(cmd.a, cmd.b);
    case Operation.sub:
      return num.i128.sub(cmd.a, cmd.b);
    case Operation.mul:
      return num.i128.mul(cmd.a, cmd.b);
    case Operation.div:
      return num.i128.div(cmd.a, cmd.b, mode);
    case Operation.mulDiv:
      return num.i128.mulDiv(cmd.a, cmd.b, cmd.c, mode);
    default:
      return num.i128.rescale(cmd.a, <i32>cmd.b.lo, <i32>cmd.c.lo, mode);
  }
}
