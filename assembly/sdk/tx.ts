/**
 * The running command, as a handler sees it: `tx.seq`, `tx.timeNs`, `tx.source`.
 */
import { opClient, opHasSource, opSeq, opSourceSeq, opStream, opTimeNs } from "./operations";

/** Who sent a command, for exactly-once: the seq of a (client, stream) rises by one from 1. */
@unmanaged
export abstract class Source {
  get client(): u64 {
    return opClient();
  }
  get stream(): u32 {
    return opStream();
  }
  get seq(): u64 {
    return opSourceSeq();
  }
}

/** What a command has is asked of the core each time, so a source is no object; any address but 0 stands for it. */
const SOURCE: usize = 1;

/** The running command. */
export abstract class tx {
  /** Number of the frame that this command makes: rising and gapless. */
  static get seq(): u64 {
    return opSeq();
  }
  /** Recorded reference time, ns since the Unix epoch; never decreases. */
  static get timeNs(): u64 {
    return opTimeNs();
  }
  /** Who sent the command; `null` if nobody said. */
  static get source(): Source | null {
    return changetype<Source | null>(opHasSource() ? SOURCE : 0);
  }
}
