/**
 * Handlers of the vectors, sealed lane: records, payloads, events and details with values of every type. Line for line
 * those of values.handlers.ts.
 */
import {
  Bytes,
  BytesItems,
  I128,
  I128Items,
  Items,
  SysId,
  Text,
  TextItems,
  U128,
  U128Items,
} from "statevec/assembly";
import {
  Anchor,
  ChangeFull,
  ChangeSparse,
  Color,
  DeleteAnchor,
  DeleteFull,
  DeleteSparse,
  Full,
  FullSeen,
  Listed,
  PutAnchor,
  PutFull,
  PutSparse,
  RefuseWith,
  Reject,
  SendLists,
  Sparse,
  SparseSeen,
  Weather,
} from "../build/kinds.schema";

export function putAnchor(cmd: PutAnchor): void {
  Anchor.create({ id: cmd.id });
}

export function deleteAnchor(cmd: DeleteAnchor): void {
  Anchor.byId.get(cmd.id).delete();
}

export function putFull(cmd: PutFull): void {
  Full.create({
    id: cmd.id,
    flag: cmd.flag,
    tiny: cmd.tiny,
    small: cmd.small,
    medium: cmd.medium,
    large: cmd.large,
    huge: cmd.huge,
    signedTiny: cmd.signedTiny,
    signedSmall: cmd.signedSmall,
    signedMedium: cmd.signedMedium,
    signedLarge: cmd.signedLarge,
    signedHuge: cmd.signedHuge,
    price: cmd.price,
    wealth: cmd.wealth,
    time: cmd.time,
    color: cmd.color,
    weather: cmd.weather,
    label: cmd.label,
    blob: cmd.blob,
    anchor: cmd.anchor,
  });
}

export function changeFull(cmd: ChangeFull): void {
  const full = Full.byId.get(cmd.id);
  full.flag = cmd.flag;
  full.tiny = cmd.tiny;
  full.small = cmd.small;
  full.medium = cmd.medium;
  full.large = cmd.large;
  full.huge = cmd.huge;
  full.signedTiny = cmd.signedTiny;
  full.signedSmall = cmd.signedSmall;
  full.signedMedium = cmd.signedMedium;
  full.signedLarge = cmd.signedLarge;
  full.signedHuge = cmd.signedHuge;
  full.price = cmd.price;
  full.wealth = cmd.wealth;
  full.time = cmd.time;
  full.color = cmd.color;
  full.weather = cmd.weather;
  full.label = cmd.label;
  full.blob = cmd.blob;
  full.anchor = cmd.anchor;
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
    label: full.label,
    blob: full.blob,
    anchor: full.anchor,
  });
}

export function putSparse(cmd: PutSparse): void {
  Sparse.create({
    id: cmd.id,
    hasFlag: cmd.hasFlag,
    flag: cmd.flag,
    hasTiny: cmd.hasTiny,
    tiny: cmd.tiny,
    hasSmall: cmd.hasSmall,
    small: cmd.small,
    hasMedium: cmd.hasMedium,
    medium: cmd.medium,
    hasLarge: cmd.hasLarge,
    large: cmd.large,
    hasHuge: cmd.hasHuge,
    huge: cmd.huge,
    hasSignedTiny: cmd.hasSignedTiny,
    signedTiny: cmd.signedTiny,
    hasSignedSmall: cmd.hasSignedSmall,
    signedSmall: cmd.signedSmall,
    hasSignedMedium: cmd.hasSignedMedium,
    signedMedium: cmd.signedMedium,
    hasSignedLarge: cmd.hasSignedLarge,
    signedLarge: cmd.signedLarge,
    hasSignedHuge: cmd.hasSignedHuge,
    signedHuge: cmd.signedHuge,
    hasPrice: cmd.hasPrice,
    price: cmd.price,
    hasWealth: cmd.hasWealth,
    wealth: cmd.wealth,
    hasTime: cmd.hasTime,
    time: cmd.time,
    hasColor: cmd.hasColor,
    color: cmd.color,
    hasWeather: cmd.hasWeather,
    weather: cmd.weather,
    hasLabel: cmd.hasLabel,
    label: cmd.label,
    hasBlob: cmd.hasBlob,
    blob: cmd.blob,
    hasAnchor: cmd.hasAnchor,
    anchor: cmd.anchor,
  });
}

export function changeSparse(cmd: ChangeSparse): void {
  const sparse = Sparse.byId.get(cmd.id);
  if (cmd.hasFlag) sparse.flag = cmd.flag;
  else sparse.clearFlag();
  if (cmd.hasTiny) sparse.tiny = cmd.tiny;
  else sparse.clearTiny();
  if (cmd.hasSmall) sparse.small = cmd.small;
  else sparse.clearSmall();
  if (cmd.hasMedium) sparse.medium = cmd.medium;
  else sparse.clearMedium();
  if (cmd.hasLarge) sparse.large = cmd.large;
  else sparse.clearLarge();
  if (cmd.hasHuge) sparse.huge = cmd.huge;
  else sparse.clearHuge();
  if (cmd.hasSignedTiny) sparse.signedTiny = cmd.signedTiny;
  else sparse.clearSignedTiny();
  if (cmd.hasSignedSmall) sparse.signedSmall = cmd.signedSmall;
  else sparse.clearSignedSmall();
  if (cmd.hasSignedMedium) sparse.signedMedium = cmd.signedMedium;
  else sparse.clearSignedMedium();
  if (cmd.hasSignedLarge) sparse.signedLarge = cmd.signedLarge;
  else sparse.clearSignedLarge();
  if (cmd.hasSignedHuge) sparse.signedHuge = cmd.signedHuge;
  else sparse.clearSignedHuge();
  if (cmd.hasPrice) sparse.price = cmd.price;
  else sparse.clearPrice();
  if (cmd.hasWealth) sparse.wealth = cmd.wealth;
  else sparse.clearWealth();
  if (cmd.hasTime) sparse.time = cmd.time;
  else sparse.clearTime();
  if (cmd.hasColor) sparse.color = cmd.color;
  else sparse.clearColor();
  if (cmd.hasWeather) sparse.weather = cmd.weather;
  else sparse.clearWeather();
  if (cmd.hasLabel) sparse.label = cmd.label;
  else sparse.clearLabel();
  if (cmd.hasBlob) sparse.blob = cmd.blob;
  else sparse.clearBlob();
  if (cmd.hasAnchor) sparse.anchor = cmd.anchor;
  else sparse.clearAnchor();
  SparseSeen.emit({
    id: sparse.id,
    hasFlag: sparse.hasFlag,
    flag: sparse.flag,
    hasTiny: sparse.hasTiny,
    tiny: sparse.tiny,
    hasSmall: sparse.hasSmall,
    small: sparse.small,
    hasMedium: sparse.hasMedium,
    medium: sparse.medium,
    hasLarge: sparse.hasLarge,
    large: sparse.large,
    hasHuge: sparse.hasHuge,
    huge: sparse.huge,
    hasSignedTiny: sparse.hasSignedTiny,
    signedTiny: sparse.signedTiny,
    hasSignedSmall: sparse.hasSignedSmall,
    signedSmall: sparse.signedSmall,
    hasSignedMedium: sparse.hasSignedMedium,
    signedMedium: sparse.signedMedium,
    hasSignedLarge: sparse.hasSignedLarge,
    signedLarge: sparse.signedLarge,
    hasSignedHuge: sparse.hasSignedHuge,
    signedHuge: sparse.signedHuge,
    hasPrice: sparse.hasPrice,
    price: sparse.price,
    hasWealth: sparse.hasWealth,
    wealth: sparse.wealth,
    hasTime: sparse.hasTime,
    time: sparse.time,
    hasColor: sparse.hasColor,
    color: sparse.color,
    hasWeather: sparse.hasWeather,
    weather: sparse.weather,
    hasLabel: sparse.hasLabel,
    label: sparse.label,
    hasBlob: sparse.hasBlob,
    blob: sparse.blob,
    hasAnchor: sparse.hasAnchor,
    anchor: sparse.anchor,
  });
}

export function deleteFull(cmd: DeleteFull): void {
  Full.byId.get(cmd.id).delete();
}

export function deleteSparse(cmd: DeleteSparse): void {
  Sparse.byId.get(cmd.id).delete();
}

export function refuseWith(cmd: RefuseWith): void {
  const full = Full.byId.get(cmd.id);
  const details = cmd.details;
  if (details == 1) {
    return Reject.BITS({ flag: full.flag, tiny: full.tiny, small: full.small, medium: full.medium });
  }
  if (details == 2) {
    return Reject.WORDS({
      large: full.large,
      huge: full.huge,
      signedTiny: full.signedTiny,
      signedSmall: full.signedSmall,
    });
  }
  if (details == 3) {
    return Reject.SIGNED({
      signedMedium: full.signedMedium,
      signedLarge: full.signedLarge,
      signedHuge: full.signedHuge,
      price: full.price,
    });
  }
  if (details == 4) {
    return Reject.NAMED({ wealth: full.wealth, time: full.time, color: full.color, weather: full.weather });
  }
  if (details == 5) {
    return Reject.TEXTS({
      label: full.label,
      blob: full.blob,
      anchor: full.anchor,
      hasNote: false,
      note: Text.EMPTY,
    });
  }
  if (details == 6) return Reject.LAST();
  return Reject.NO();
}

export function sendLists(cmd: SendLists): void {
  Listed.emit({
    flags: arrayOf<bool, bool>(cmd.flags),
    tinies: arrayOf<u8, u8>(cmd.tinies),
    smalls: arrayOf<u16, u16>(cmd.smalls),
    mediums: arrayOf<u32, u32>(cmd.mediums),
    larges: arrayOf<u64, u64>(cmd.larges),
    huges: u128Array(cmd.huges),
    signedTinies: arrayOf<i8, i8>(cmd.signedTinies),
    signedSmalls: arrayOf<i16, i16>(cmd.signedSmalls),
    signedMediums: arrayOf<i32, i32>(cmd.signedMediums),
    signedLarges: arrayOf<i64, i64>(cmd.signedLarges),
    signedHuges: i128Array(cmd.signedHuges),
    prices: arrayOf<i64, i64>(cmd.prices),
    wealths: i128Array(cmd.wealths),
    times: arrayOf<u64, u64>(cmd.times),
    colors: arrayOf<Color, u8>(cmd.colors),
    weathers: arrayOf<Weather, u16>(cmd.weathers),
    labels: textArray(cmd.labels),
    blobs: bytesArray(cmd.blobs),
    anchors: arrayOf<SysId, u64>(cmd.anchors),
  });
}

// ---- a list of a payload as an array, which events take --------------------------------------------------

function arrayOf<T, Stored>(items: Items<T, Stored>): T[] {
  const values: T[] = [];
  for (let i = 0; i < items.length; i++) values.push(items.at(i));
  return values;
}

function u128Array(items: U128Items): U128[] {
  const values: U128[] = [];
  for (let i = 0; i < items.length; i++) values.push(items.at(i));
  return values;
}

function i128Array(items: I128Items): I128[] {
  const values: I128[] = [];
  for (let i = 0; i < items.length; i++) values.push(items.at(i));
  return values;
}

function textArray(items: TextItems): Text[] {
  const values: Text[] = [];
  for (let i = 0; i < items.length; i++) values.push(items.at(i));
  return values;
}

function bytesArray(items: BytesItems): Bytes[] {
  const values: Bytes[] = [];
  for (let i = 0; i < items.length; i++) values.push(items.at(i));
  return values;
}
