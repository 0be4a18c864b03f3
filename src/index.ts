/**
 * `statevec`: what handlers and hosts use, on every platform.
 */
export {
  type AuditOptions,
  type AuditReport,
  auditHistory,
  type ModuleRun,
  type ReplayReport,
} from "./engine/audit.ts";
export type { Clock } from "./engine/clock.ts";
export type { BytesOptions, CommandBatch } from "./engine/command-batch.ts";
export { type Domain, type DomainParts, defineDomain, type Handler, type Limits } from "./engine/domain.ts";
export type {
  EncodedFramesOptions,
  Engine,
  EngineOf,
  ExecutedRead,
  FramesOptions,
  ReceiptOptions,
  SourcePosition,
  Submission,
} from "./engine/engine.ts";
export type { Diagnostic } from "./engine/executor.ts";
export type { FrameDifference } from "./engine/frame-difference.ts";
export type { Frame } from "./engine/frames.ts";
export { type Arithmetic, num, type Rounding } from "./engine/num.ts";
export { type OpenOptions, open } from "./engine/open.ts";
export type { EventOf, FaultCode, Frontier, Receipt, RejectOf } from "./engine/receipt.ts";
export type { Receipts } from "./engine/receipts.ts";
export { type SealedOptions, sealedDomain } from "./engine/sealed-domain.ts";
export type { ListOptions, Range, Source, Tx, View } from "./engine/view.ts";
export {
  AdmissionError,
  type BatchReceipt,
  type BatchReceipts,
  DeterminismError,
  EngineFault,
  HistoryError,
  OperationalError,
  SchemaError,
  ServiceError,
  StateVecError,
  UsageError,
} from "./errors.ts";
export type { History, HistoryInfo, TearReport } from "./history/history.ts";
export { memoryHistory } from "./history/memory.ts";
export type { UnknownFields } from "./proto/message-decoder.ts";
