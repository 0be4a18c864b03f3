/**
 * The state of a history at its end, without the domain: the schema out of the history, every delta applied by the
 * core, then ordinary reads.
 *
 * Not responsible for: which records are wanted and how they are printed (state.ts).
 */
import { APPLY_OK, SLOT_LAST_FRAME } from "../../assembly/abi.ts";
import { bindSchema } from "../engine/binding.ts";
import { StateView } from "../engine/state-view.ts";
import { HistoryError } from "../errors.ts";
import type { Schema } from "../schema/define-schema.ts";
import type { KindModel, PathModel, SchemaModel } from "../schema/model.ts";
import { schemaOfModel } from "../schema/rebuild.ts";
import { buildTable } from "../schema/table.ts";
import type { FieldValues } from "../schema/values-json.ts";
import { Core, compileCore } from "../wasm.ts";
import type { Place } from "./place.ts";
import { Progress } from "./progress.ts";

export interface StateRecord {
  readonly sysId: bigint;
  readonly revision: number;
  /** The frame that last changed it. */
  readonly lastFrame: bigint;
  readonly values: FieldValues;
  /** The record in the form that snapshots have. */
  readonly bytes: Uint8Array;
}

/** A view whose definitions are known only when the program runs. */
interface UntypedView {
  find(by: unknown, ...key: unknown[]): FieldValues | undefined;
  list(index: unknown, prefix: readonly unknown[]): Iterable<FieldValues>;
}

export class AppliedState {
  readonly #model: SchemaModel;
  readonly #schema: Schema;
  readonly #core: Core;
  readonly #view: StateView;

  private constructor(model: SchemaModel, core: Core) {
    this.#model = model;
    this.#schema = schemaOfModel(model);
    this.#core = core;
    this.#view = new StateView(core, bindSchema(this.#schema));
  }

  /**
   * Applies every frame of the history.
   * @throws {HistoryError} `DIVERGED`: a frame does not follow from the ones before it
   */
  static async of({ history, info }: Place, model: SchemaModel): Promise<AppliedState> {
    const progress = new Progress("applying");
    const core = new Core(await compileCore(), { table: buildTable(model) });
    for await (const batch of history.read()) {
      const code = core.apply(batch.bytes);
      if (code !== APPLY_OK) {
        progress.clear();
        const seq = core.exports.seqExecuted() + 1n;
        const problem = `the frame does not follow from those before it (objection ${code} of apply); run audit`;
        throw new HistoryError("DIVERGED", problem, { seq });
      }
      progress.show(core.exports.seqExecuted(), info.frontier.seq);
    }
    progress.clear();
    return new AppliedState(model, core);
  }

  /** Logical bytes: what the limit `stateMiB` is about. */
  get stateBytes(): bigint {
    return this.#core.exports.stateBytes();
  }

  get memoryBytes(): bigint {
    return this.#core.exports.memoryUsed();
  }

  /** All records of a kind, by SysId. */
  all(kind: KindModel): StateRecord[] {
    const end = this.#core.exports.sysIdNext();
    return this.#read((view) => {
      const found: StateRecord[] = [];
      for (let sysId = 1n; sysId < end; sysId++) {
        const values = view.find(this.#schema.records[kind.name], sysId);
        if (values !== undefined) found.push(this.#record(kind, values));
      }
      return found;
    });
  }

  byUniqueKey(kind: KindModel, { name }: PathModel, key: readonly unknown[]): StateRecord | undefined {
    return this.#read((view) => {
      const values = view.find(this.#path(kind, name), ...key);
      return values === undefined ? undefined : this.#record(kind, values);
    });
  }

  /** The records under a prefix, in index order. */
  byIndex(kind: KindModel, { name }: PathModel, prefix: readonly unknown[]): StateRecord[] {
    return this.#read((view) => {
      return [...view.list(this.#path(kind, name), prefix)].map((values) => this.#record(kind, values));
    });
  }

  #path(kind: KindModel, name: string): unknown {
    return (this.#schema.records[kind.name] as unknown as Readonly<Record<string, unknown>>)[name];
  }

  #read<T>(reader: (view: UntypedView) => T): T {
    return this.#view.run(this.#core.exports.seqExecuted(), (view) => reader(view as unknown as UntypedView));
  }

  #record(kind: KindModel, values: FieldValues): StateRecord {
    const sysId = values.sysId as bigint;
    const slot = this.#core.exports.lookupSysId(this.#model.kinds.indexOf(kind), sysId, 0) >>> 0;
    const lastFrame = this.#core.u64At(slot + SLOT_LAST_FRAME);
    const bytes = this.#core.encodeRecord(slot);
    return { sysId, revision: values.revision as number, lastFrame, values, bytes };
  }
}
