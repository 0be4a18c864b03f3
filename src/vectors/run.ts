/**
 * Running steps on an engine of their own.
 *
 * Responsible for: the fixed clock and history id, submitting, taking results from the history. Not responsible for:
 * comparing (check.ts).
 * I1: nothing of the machine reaches a result, so it repeats everywhere. I2: what is known of the domain comes from its
 * epoch frame and its answers, so any domain that opens can be run, whatever its lane.
 */
import { FRAME_FORMAT } from "../../assembly/abi.ts";
import type { Domain } from "../engine/domain.ts";
import type { Engine } from "../engine/engine.ts";
import { framesOf, readFrame } from "../engine/frames.ts";
import { open } from "../engine/open.ts";
import { AdmissionError, UsageError } from "../errors.ts";
import { type EpochFrame, type FrameDecoder, frameDecoder } from "../history/frame.ts";
import type { History } from "../history/history.ts";
import { memoryHistory } from "../history/memory.ts";
import { LIMITS } from "../schema/framework-codes.ts";
import type { MessageModel, SchemaModel } from "../schema/model.ts";
import { refuse } from "./parse.ts";
import { payloadValues, recordedPayload } from "./payload.ts";
import { refusal, resultOfFrame } from "./result.ts";
import type {
  CommandStep,
  Lane,
  RetireStep,
  ScriptStep,
  VectorResult,
  VectorRules,
  VectorStep,
} from "./vectors.ts";

const HISTORY_ID = "0".repeat(32);

/** A step that ran; the result of a frame is read when all have run. */
interface Ran {
  readonly step: ScriptStep;
  readonly answer: bigint | VectorResult;
}

/** What comes before the command, where it is there. */
function headOf({ about, timeNs }: ScriptStep): Pick<ScriptStep, "about" | "timeNs"> {
  return { ...(about === undefined ? {} : { about }), ...(timeNs === undefined ? {} : { timeNs }) };
}

/** What all frames of an epoch were made under, as vectors say it. */
export function rulesOf({ semantics, schema, fingerprint, limits }: EpochFrame): VectorRules {
  return {
    engine: { frameFormat: FRAME_FORMAT, coreSemantics: semantics },
    schema: { name: schema.name, fingerprint },
    // Limits of the sealed lane alone stay out: one file holds in both lanes.
    limits: Object.fromEntries(LIMITS.map(({ name }) => [name, limits[name]])),
  };
}

/** An engine in memory, about to run steps. */
export class VectorRun {
  readonly rules: VectorRules;
  readonly lane: Lane;
  /** Why commands are faulted, in words, by frame, as far as words are known. */
  readonly causes: ReadonlyMap<string, string>;
  private readonly engine: Engine;
  private readonly history: History;
  private readonly model: SchemaModel;
  private readonly decoder: FrameDecoder;
  private readonly clock: { nowNs: bigint };

  private constructor(
    opened: { engine: Engine; history: History; causes: Map<string, string>; clock: { nowNs: bigint } },
    epoch: EpochFrame,
  ) {
    this.engine = opened.engine;
    this.history = opened.history;
    this.causes = opened.causes;
    this.clock = opened.clock;
    this.rules = rulesOf(epoch);
    this.lane = epoch.program.lane;
    this.model = epoch.schema;
    this.decoder = frameDecoder(epoch.schema);
  }

  /**
   * @param startNs the clock at the first step: no frame, not even that of the epoch, may have a later time
   * @throws what `open` throws
   */
  static async open(domain: Domain, startNs: bigint): Promise<VectorRun> {
    const history = memoryHistory();
    const clock = { nowNs: startNs };
    const causes = new Map<string, string>();
    const engine = await open({
      domain,
      history,
      historyId: HISTORY_ID,
      clock: { nowNs: () => clock.nowNs },
      onDiagnostic: ({ seq, error }) =>
        causes.set(String(seq), error instanceof Error ? error.message : String(error)),
    });
    const first = await readFrame(history, 1n);
    const epoch = frameDecoder(null).decode(first!.body) as EpochFrame;
    return new VectorRun({ engine, history, causes, clock }, epoch);
  }

  async close(): Promise<void> {
    await this.engine.close();
  }

  /**
   * Runs the steps in order.
   * @throws {UsageError} a step is none of this schema
   * @throws what `submit` throws, but AdmissionError: that is a result
   */
  async run(steps: readonly ScriptStep[]): Promise<VectorStep[]> {
    const ran: Ran[] = [];
    for (const [index, step] of steps.entries()) {
      if (step.timeNs !== undefined) this.clock.nowNs = BigInt(step.timeNs);
      const path = `vectors.steps[${index}]`;
      ran.push("retire" in step ? await this.retire(path, step) : await this.submit(path, step));
    }
    const results = await this.results();
    return ran.map(({ step, answer }) => {
      return { ...step, result: typeof answer === "bigint" ? results.get(answer)! : answer };
    });
  }

  private commandOf(path: string, name: string): MessageModel {
    const { commands } = this.model;
    const known = commands.map((command) => command.name).join(", ");
    return (
      commands.find((command) => command.name === name) ??
      refuse(path, name, `a command of schema ${this.model.name}: ${known}`)
    );
  }

  private async submit(path: string, step: CommandStep): Promise<Ran> {
    const { command, payload, source } = step;
    const message = this.commandOf(`${path}.command`, command);
    const values = payloadValues(`${path}.payload`, message, payload);
    const full: CommandStep = {
      ...headOf(step),
      command,
      payload: recordedPayload(message, values),
      ...(source === undefined ? {} : { source }),
    };
    const from = source && { client: BigInt(source.client), stream: source.stream, seq: BigInt(source.seq) };
    try {
      const { seq, duplicate } = await this.engine.submit(command, values as never, { source: from });
      return { step: full, answer: duplicate ? { duplicateOf: String(seq) } : seq };
    } catch (error) {
      if (!(error instanceof AdmissionError)) throw error;
      return { step: full, answer: refusal(error) };
    }
  }

  private async retire(path: string, step: RetireStep): Promise<Ran> {
    const { retire } = step;
    try {
      const { seq } = await this.engine.retire(BigInt(retire.client), retire.stream);
      return { step: { ...headOf(step), retire }, answer: seq };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return refuse(`${path}.retire`, retire, "a source that an earlier step has used");
    }
  }

  /** The results of all frames there are. */
  private async results(): Promise<ReadonlyMap<bigint, VectorResult>> {
    const results = new Map<bigint, VectorResult>();
    for await (const batch of this.history.read()) {
      for (const { seq, body } of framesOf(batch)) {
        if (seq > 1n) results.set(seq, resultOfFrame(this.decoder.decode(body), body, this.model));
      }
    }
    return results;
  }
}
