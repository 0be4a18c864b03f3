/**
 * The messages of `statevec.v1` (statevec-v1.proto) as tables.
 *
 * Responsible for: names, numbers and types, the same as in the `.proto` (a test compares them).
 * Not responsible for: their bytes (plain-message.ts), what a domain declares (domain-messages.ts).
 */
import { PlainMessage, plain, plainList } from "./plain-message.ts";

export interface SourceMessage {
  readonly client: bigint;
  readonly stream: number;
  readonly seq: bigint;
}
export const SOURCE = new PlainMessage<SourceMessage>("Source", {
  client: plain(1, "uint64"),
  stream: plain(2, "uint32"),
  seq: plain(3, "uint64"),
});

export interface SubmissionMessage {
  /** Number of the command; 0: the name says which. */
  readonly command: number;
  readonly name: string;
  readonly payload: Uint8Array;
  readonly source?: SourceMessage | undefined;
}
export const SUBMISSION = new PlainMessage<SubmissionMessage>("Submission", {
  command: plain(1, "uint32"),
  name: plain(2, "string"),
  payload: plain(3, "bytes"),
  source: plain(4, SOURCE),
});

export interface SubmitRequestMessage {
  readonly submissions: readonly SubmissionMessage[];
  /** Empty: the sender does not say. */
  readonly schema: Uint8Array;
}
export const SUBMIT_REQUEST = new PlainMessage<SubmitRequestMessage>("SubmitRequest", {
  submissions: plainList(1, SUBMISSION),
  schema: plain(2, "bytes"),
});

export interface RefusalMessage {
  readonly code: string;
  readonly message: string;
  readonly index: number;
  readonly field: string;
  readonly expectedSeq: bigint;
  readonly lastSeq: bigint;
}
export const REFUSAL = new PlainMessage<RefusalMessage>("Refusal", {
  code: plain(1, "string"),
  message: plain(2, "string"),
  index: plain(3, "uint32"),
  field: plain(4, "string"),
  expectedSeq: plain(5, "uint64"),
  lastSeq: plain(6, "uint64"),
});

export interface ReasonMessage {
  readonly code: number;
  readonly name: string;
  readonly detail: Uint8Array;
  readonly number: number;
  readonly subject: string;
}
export const REASON = new PlainMessage<ReasonMessage>("Reason", {
  code: plain(1, "uint32"),
  name: plain(2, "string"),
  detail: plain(3, "bytes"),
  number: plain(4, "uint32"),
  subject: plain(5, "string"),
});

export interface EventMessage {
  readonly event: number;
  readonly name: string;
  readonly values: Uint8Array;
}
export const EVENT = new PlainMessage<EventMessage>("Event", {
  event: plain(1, "uint32"),
  name: plain(2, "string"),
  values: plain(3, "bytes"),
});

export interface ReceiptMessage {
  readonly seq: bigint;
  readonly digest: Uint8Array;
  readonly duplicate: boolean;
  /** Outcome: 1 committed, 2 rejected, 3 faulted. */
  readonly outcome: number;
  readonly reason?: ReasonMessage | undefined;
  readonly events: readonly EventMessage[];
}
export const RECEIPT = new PlainMessage<ReceiptMessage>("Receipt", {
  seq: plain(1, "uint64"),
  digest: plain(2, "bytes"),
  duplicate: plain(3, "bool"),
  outcome: plain(4, "uint32"),
  reason: plain(5, REASON),
  events: plainList(6, EVENT),
});

export interface SubmitResponseMessage {
  readonly receipts: readonly ReceiptMessage[];
  readonly refusal?: RefusalMessage | undefined;
}
export const SUBMIT_RESPONSE = new PlainMessage<SubmitResponseMessage>("SubmitResponse", {
  receipts: plainList(1, RECEIPT),
  refusal: plain(2, REFUSAL),
});

export interface FrontierMessage {
  readonly seq: bigint;
  readonly digest: Uint8Array;
}
export const FRONTIER = new PlainMessage<FrontierMessage>("Frontier", {
  seq: plain(1, "uint64"),
  digest: plain(2, "bytes"),
});

// ---- history -------------------------------------------------------------------------------------------------

export interface DeltaMessage {
  /** Op: 1 insert, 2 update, 3 delete. */
  readonly op: number;
  readonly kind: number;
  readonly name: string;
  readonly sysId: bigint;
  readonly revision: number;
  readonly previous: bigint;
  readonly changed: readonly number[];
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}
export const DELTA = new PlainMessage<DeltaMessage>("Delta", {
  op: plain(1, "uint32"),
  kind: plain(2, "uint32"),
  name: plain(3, "string"),
  sysId: plain(4, "uint64"),
  revision: plain(5, "uint32"),
  previous: plain(6, "uint64"),
  changed: plainList(7, "uint32"),
  before: plain(8, "bytes"),
  after: plain(9, "bytes"),
});

export interface CommandFrameMessage {
  readonly command: number;
  readonly name: string;
  readonly payload: Uint8Array;
  readonly source?: SourceMessage | undefined;
  readonly previous: bigint;
  readonly outcome: number;
  readonly reason?: ReasonMessage | undefined;
  readonly sysIds: number;
  readonly deltas: readonly DeltaMessage[];
  readonly events: readonly EventMessage[];
}
export const COMMAND_FRAME = new PlainMessage<CommandFrameMessage>("CommandFrame", {
  command: plain(1, "uint32"),
  name: plain(2, "string"),
  payload: plain(3, "bytes"),
  source: plain(4, SOURCE),
  previous: plain(5, "uint64"),
  outcome: plain(6, "uint32"),
  reason: plain(7, REASON),
  sysIds: plain(8, "uint32"),
  deltas: plainList(9, DELTA),
  events: plainList(10, EVENT),
});

export interface LimitMessage {
  readonly number: number;
  readonly name: string;
  readonly value: bigint;
}
export const LIMIT = new PlainMessage<LimitMessage>("Limit", {
  number: plain(1, "uint32"),
  name: plain(2, "string"),
  value: plain(3, "uint64"),
});

export interface ParentMessage {
  readonly historyId: Uint8Array;
  readonly seq: bigint;
  readonly digest: Uint8Array;
}
export const PARENT = new PlainMessage<ParentMessage>("Parent", {
  historyId: plain(1, "bytes"),
  seq: plain(2, "uint64"),
  digest: plain(3, "bytes"),
});

export interface EpochFrameMessage {
  /** Lane: 1 open, 2 sealed. */
  readonly lane: number;
  readonly semantics: number;
  readonly revision: bigint;
  readonly module: Uint8Array;
  readonly parent?: ParentMessage | undefined;
  readonly limits: readonly LimitMessage[];
  readonly schema: Uint8Array;
  readonly fingerprint: Uint8Array;
}
export const EPOCH_FRAME = new PlainMessage<EpochFrameMessage>("EpochFrame", {
  lane: plain(1, "uint32"),
  semantics: plain(2, "uint32"),
  revision: plain(3, "uint64"),
  module: plain(4, "bytes"),
  parent: plain(5, PARENT),
  limits: plainList(6, LIMIT),
  schema: plain(7, "bytes"),
  fingerprint: plain(8, "bytes"),
});

export interface RetireFrameMessage {
  readonly client: bigint;
  readonly stream: number;
}
export const RETIRE_FRAME = new PlainMessage<RetireFrameMessage>("RetireFrame", {
  client: plain(1, "uint64"),
  stream: plain(2, "uint32"),
});

export interface CheckpointFrameMessage {
  readonly seq: bigint;
  readonly stateDigest: Uint8Array;
}
export const CHECKPOINT_FRAME = new PlainMessage<CheckpointFrameMessage>("CheckpointFrame", {
  seq: plain(1, "uint64"),
  stateDigest: plain(2, "bytes"),
});

export interface FrameMessage {
  readonly seq: bigint;
  readonly digest: Uint8Array;
  readonly timeNs: bigint;
  readonly epoch: number;
  readonly command?: CommandFrameMessage | undefined;
  readonly epochFrame?: EpochFrameMessage | undefined;
  readonly retire?: RetireFrameMessage | undefined;
  readonly checkpoint?: CheckpointFrameMessage | undefined;
  readonly bodyBytes: number;
}
export const FRAME = new PlainMessage<FrameMessage>("Frame", {
  seq: plain(1, "uint64"),
  digest: plain(2, "bytes"),
  timeNs: plain(3, "fixed64"),
  epoch: plain(4, "uint32"),
  command: plain(5, COMMAND_FRAME),
  epochFrame: plain(6, EPOCH_FRAME),
  retire: plain(7, RETIRE_FRAME),
  checkpoint: plain(8, CHECKPOINT_FRAME),
  bodyBytes: plain(9, "uint32"),
});

// ---- reading -------------------------------------------------------------------------------------------------

export interface RecordMessage {
  readonly kind: number;
  readonly name: string;
  readonly sysId: bigint;
  readonly revision: number;
  readonly values: Uint8Array;
}
export const RECORD = new PlainMessage<RecordMessage>("Record", {
  kind: plain(1, "uint32"),
  name: plain(2, "string"),
  sysId: plain(3, "uint64"),
  revision: plain(4, "uint32"),
  values: plain(5, "bytes"),
});

export interface RecordsMessage {
  readonly seq: bigint;
  readonly records: readonly RecordMessage[];
  readonly next: bigint;
}
export const RECORDS = new PlainMessage<RecordsMessage>("Records", {
  seq: plain(1, "uint64"),
  records: plainList(2, RECORD),
  next: plain(3, "uint64"),
});

export interface PositionMessage {
  readonly lastSeq: bigint;
  readonly frame: bigint;
}
export const POSITION = new PlainMessage<PositionMessage>("Position", {
  lastSeq: plain(1, "uint64"),
  frame: plain(2, "uint64"),
});
