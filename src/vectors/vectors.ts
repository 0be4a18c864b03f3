/**
 * What a vector file says, as types: commands, and what became of each.
 *
 * Responsible for: the shape of the JSON (docs/guide/vectors.md draws it). All of it is plain JSON: integers of 64 bits and
 * more, times and decimals are strings, bytes are hex.
 * Not responsible for: reading it from untrusted text (parse.ts), writing it (format.ts).
 */

/** The version of the shape below; the member `vectors` of a file. */
export const VECTORS_FORMAT = 1;

/** Reference time of the first commands that name none: 2026-01-01T00:00:00Z. */
export const START_NS = 1_767_225_600_000_000_000n;

export type JsonObject = Readonly<Record<string, unknown>>;

/** Under what rules the results hold; a vector is checked against an engine and a schema that say the same. */
export interface VectorRules {
  readonly engine: {
    readonly frameFormat: number;
    /** Meaning of operations, costs and codes. */
    readonly coreSemantics: number;
  };
  readonly schema: { readonly name: string; readonly fingerprint: string };
  /** The limits that both lanes have, by name: they decide outcomes. */
  readonly limits: Readonly<Record<string, number>>;
}

export type Lane = "open" | "sealed";

/** Who sends a command, for exactly-once. */
export interface VectorSource {
  readonly client: string;
  readonly stream: number;
  readonly seq: string;
}

interface StepHead {
  /** What the step shows, for who reads the file. */
  readonly about?: string;
  /** The clock, ns since the Unix epoch; where it stood when left out. */
  readonly timeNs?: string;
}

export interface CommandStep extends StepHead {
  readonly command: string;
  readonly payload: JsonObject;
  readonly source?: VectorSource;
}

/** Makes the engine forget a source. */
export interface RetireStep extends StepHead {
  readonly retire: { readonly client: string; readonly stream: number };
}

export type ScriptStep = CommandStep | RetireStep;

/** What a frame says of a command, or why there is none. Members stand in this order. */
export type VectorResult =
  | {
      readonly frame: string;
      /** With a source: the frame of its command before this one, "0" if this is its first. */
      readonly sourcePrevious?: string;
      readonly outcome: "committed";
      /** SysIds that the frame used. */
      readonly sysIds: number;
      readonly delta: readonly JsonObject[];
      readonly events: readonly JsonObject[];
      /** SHA-256(0x00 || body), hex. */
      readonly leaf: string;
    }
  | {
      readonly frame: string;
      readonly sourcePrevious?: string;
      readonly outcome: "rejected" | "faulted";
      readonly code: string;
      readonly detail: JsonObject;
      readonly leaf: string;
    }
  /** Of a retire step. */
  | { readonly frame: string; readonly leaf: string }
  /** Turned away before it ran: no frame. Members behind it are the details of the AdmissionError. */
  | {
      readonly refused: string;
      readonly field?: string;
      readonly expected?: string;
      readonly lastSeq?: string;
    }
  /** The source seq was used before: the frame of the original. */
  | { readonly duplicateOf: string };

export type VectorStep = ScriptStep & { readonly result: VectorResult };

interface VectorsHead {
  readonly about?: string;
  /** The one lane in which the vectors hold; both when left out. */
  readonly lane?: Lane;
}

/** Steps whose results are still to be recorded, all or some of them. */
export interface VectorScript extends VectorsHead, Partial<VectorRules> {
  readonly steps: readonly (ScriptStep & { readonly result?: VectorResult })[];
}

/** Recorded vectors. */
export interface Vectors extends VectorsHead, VectorRules {
  readonly steps: readonly VectorStep[];
}
