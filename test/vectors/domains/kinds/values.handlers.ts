/**
 * Handlers of the vectors: records, payloads, events and details with values of every type.
 *
 * Not responsible for: keys and indexes (paths.handlers.ts), rules and codes (rules.handlers.ts). Every field is named: its
 * twin in the sealed lane can not copy values otherwise.
 */
import type { Tx } from "statevec";
import type { Infer } from "statevec/schema";
import {
  Anchor,
  type ChangeFull,
  type ChangeSparse,
  type DeleteAnchor,
  type DeleteFull,
  type DeleteSparse,
  Full,
  FullSeen,
  Listed,
  type PutAnchor,
  type PutFull,
  type PutSparse,
  type RefuseWith,
  Reject,
  type SendLists,
  Sparse,
  SparseSeen,
} from "./kinds.schema.ts";

type FullValues = Omit<Infer<typeof PutFull>, "id">;
type SparseValues = Omit<Infer<typeof PutSparse>, "id">;

/** The fields of every type, of a payload or of a record, one by one. */
function fullValues(from: FullValues): FullValues {
  return {
    flag: from.flag,
    tiny: from.tiny,
    small: from.small,
    medium: from.medium,
    large: from.large,
    huge: from.huge,
    signedTiny: from.signedTiny,
    signedSmall: from.signedSmall,
    signedMedium: from.signedMedium,
    signedLarge: from.signedLarge,
    signedHuge: from.signedHuge,
    price: from.price,
    wealth: from.wealth,
    time: from.time,
    color: from.color,
    weather: from.weather,
    label: from.label,
    blob: from.blob,
    anchor: from.anchor,
  };
}

function sparseValues(from: SparseValues): SparseValues {
  return {
    flag: from.flag,
    tiny: from.tiny,
    small: from.small,
    medium: from.medium,
    large: from.large,
    huge: from.huge,
    signedTiny: from.signedTiny,
    signedSmall: from.signedSmall,
    signedMedium: from.signedMedium,
    signedLarge: from.signedLarge,
    signedHuge: from.signedHuge,
    price: from.price,
    wealth: from.wealth,
    time: from.time,
    color: from.color,
    weather: from.weather,
    label: from.label,
    blob: from.blob,
    anchor: from.anchor,
  };
}

export function putAnchor(tx: Tx, { id }: Infer<typeof PutAnchor>): void {
  tx.create(Anchor, { id });
}

export function deleteAnchor(tx: Tx, { id }: Infer<typeof DeleteAnchor>): void {
  tx.delete(tx.get(Anchor.byId, id));
}

export function putFull(tx: Tx, cmd: Infer<typeof PutFull>): void {
  tx.create(Full, { id: cmd.id, ...fullValues(cmd) });
}

export function changeFull(tx: Tx, cmd: Infer<typeof ChangeFull>): void {
  const full = tx.get(Full.byId, cmd.id);
  tx.update(full, fullValues(cmd));
  tx.emit(FullSeen, { id: full.id, ...fullValues(full) });
}

export function putSparse(tx: Tx, cmd: Infer<typeof PutSparse>): void {
  tx.create(Sparse, { id: cmd.id, ...sparseValues(cmd) });
}

export function changeSparse(tx: Tx, cmd: Infer<typeof ChangeSparse>): void {
  const sparse = tx.get(Sparse.byId, cmd.id);
  tx.update(sparse, sparseValues(cmd));
  tx.emit(SparseSeen, { id: sparse.id, ...sparseValues(sparse) });
}

export function deleteFull(tx: Tx, { id }: Infer<typeof DeleteFull>): void {
  tx.delete(tx.get(Full.byId, id));
}

export function deleteSparse(tx: Tx, { id }: Infer<typeof DeleteSparse>): void {
  tx.delete(tx.get(Sparse.byId, id));
}

export function refuseWith(tx: Tx, { id, details }: Infer<typeof RefuseWith>): void {
  const full = tx.get(Full.byId, id);
  const { flag, tiny, small, medium, large, huge, signedTiny, signedSmall } = full;
  if (details === 1) return tx.reject(Reject.BITS, { flag, tiny, small, medium });
  if (details === 2) return tx.reject(Reject.WORDS, { large, huge, signedTiny, signedSmall });
  const { signedMedium, signedLarge, signedHuge, price } = full;
  if (details === 3) return tx.reject(Reject.SIGNED, { signedMedium, signedLarge, signedHuge, price });
  const { wealth, time, color, weather, label, blob, anchor } = full;
  if (details === 4) return tx.reject(Reject.NAMED, { wealth, time, color, weather });
  if (details === 5) return tx.reject(Reject.TEXTS, { label, blob, anchor, note: null });
  if (details === 6) return tx.reject(Reject.LAST);
  return tx.reject(Reject.NO);
}

export function sendLists(tx: Tx, cmd: Infer<typeof SendLists>): void {
  tx.emit(Listed, {
    flags: cmd.flags,
    tinies: cmd.tinies,
    smalls: cmd.smalls,
    mediums: cmd.mediums,
    larges: cmd.larges,
    huges: cmd.huges,
    signedTinies: cmd.signedTinies,
    signedSmalls: cmd.signedSmalls,
    signedMediums: cmd.signedMediums,
    signedLarges: cmd.signedLarges,
    signedHuges: cmd.signedHuges,
    prices: cmd.prices,
    wealths: cmd.wealths,
    times: cmd.times,
    colors: cmd.colors,
    weathers: cmd.weathers,
    labels: cmd.labels,
    blobs: cmd.blobs,
    anchors: cmd.anchors,
  });
}
