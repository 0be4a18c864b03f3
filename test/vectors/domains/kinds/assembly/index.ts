/**
 * The domain of the vectors, in the sealed lane: a function for each command, line for line as in the open lane.
 */
export {
  changeEntry,
  deleteKey,
  drain,
  findKey,
  lookAround,
  peekBook,
  putEntry,
  putKey,
  scanBook,
  sweep,
  walk,
} from "./paths";
export {
  burn,
  check,
  computeI64,
  computeI128,
  computeU64,
  computeU128,
  divide,
  flash,
  mint,
  misbehave,
  openAccount,
  placeHold,
  putRule,
  releaseHold,
  repaint,
  tellContext,
  touch,
  transfer,
  writeThenReject,
} from "./rules";
export {
  changeFull,
  changeSparse,
  deleteAnchor,
  deleteFull,
  deleteSparse,
  putAnchor,
  putFull,
  putSparse,
  refuseWith,
  sendLists,
} from "./values";
