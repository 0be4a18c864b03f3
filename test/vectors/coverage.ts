/**
 * What the vectors show: the names of everything that some step reaches.
 *
 * Responsible for: reading it off steps and results. Not responsible for: what must be there (coverage.test.ts).
 */

import type { JsonObject, VectorStep, Vectors } from "statevec/vectors";
import * as abi from "../../assembly/abi.ts";
import { fieldsOf } from "../../src/history/frame-json.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { FRAMEWORK_CODES, limitsOfLane, MISUSE_NAMES } from "../../src/schema/framework-codes.ts";
import type { FieldModel, SchemaModel } from "../../src/schema/model.ts";
import { openDomains } from "./files.ts";

/** They say how many limits there are, and are none themselves. */
const COUNTS = ["LIMIT_COUNT", "LIMIT_COUNT_SEALED"];

/** Names of the constants of abi.ts that begin so, by value: the members of one list. */
export function abiNames(prefix: string): ReadonlyMap<number, string> {
  const entries = Object.entries(abi).filter(([name]) => name.startsWith(prefix) && !COUNTS.includes(name));
  return new Map(entries.map(([name, value]) => [value, name]));
}

const TYPES = abiNames("TYPE_");
const OPERATORS = abiNames("OPERATOR_");

export class Coverage {
  readonly seen = new Set<string>();

  add(vectors: Vectors): void {
    const model = modelOf(openDomains.get(vectors.schema.name)!.schema);
    for (const step of vectors.steps) this.step(step, model);
  }

  private values(place: string, fields: readonly FieldModel[], values: JsonObject): void {
    for (const field of fields) {
      if (!(field.name in values)) continue;
      const value = values[field.name];
      const form = value === null ? "null" : field.repeated ? "list" : "value";
      this.seen.add(`${place} ${TYPES.get(field.code)} ${form}`);
    }
  }

  private step(step: VectorStep, model: SchemaModel): void {
    if ("retire" in step) {
      this.seen.add("KIND_RETIRE");
      return;
    }
    const { result } = step;
    this.values("payload", fieldsOf(model.commands, step.command), step.payload);
    if ("duplicateOf" in result) this.seen.add("ADMIT_DUPLICATE");
    if ("refused" in result) this.refusal(result.refused);
    if (!("outcome" in result)) return;
    this.seen.add(`OUTCOME_${result.outcome.toUpperCase()}`);
    if (result.outcome !== "committed") return this.code(result.code, result.detail, model);
    for (const delta of result.delta) this.delta(delta, model);
    for (const { name, values } of result.events) {
      this.values("event", fieldsOf(model.events, name as string), values as JsonObject);
    }
  }

  private delta({ op, kind, before = {}, after = {} }: JsonObject, model: SchemaModel): void {
    this.seen.add(`DELTA_${(op as string).toUpperCase()}`);
    const fields = fieldsOf(model.kinds, kind as string);
    this.values("before", fields, before as JsonObject);
    this.values("after", fields, after as JsonObject);
  }

  private refusal(code: string): void {
    this.seen.add(`ADMIT_${code}`);
    if (code === "TOO_LARGE") this.seen.add("LIMIT_PAYLOAD_BYTES");
    if (code === "SOURCES_FULL") this.seen.add("LIMIT_SOURCES");
  }

  private code(code: string, detail: JsonObject, model: SchemaModel): void {
    const declared = model.rejects.find(({ name }) => name === code);
    if (declared !== undefined) return this.values("detail", declared.fields, detail);
    this.seen.add(nameOf("CODE_", FRAMEWORK_CODES.get(code)!));
    if (code === "WORK_EXHAUSTED") this.seen.add("LIMIT_WORK");
    if (code === "FUEL_EXHAUSTED") this.seen.add("LIMIT_FUEL");
    if (code === "LIMIT") {
      const limit = limitsOfLane("sealed").find(({ name }) => name === detail.limit)!;
      this.seen.add(nameOf("LIMIT_", limit.number));
    }
    if (code === "MISUSE") {
      const [number] = [...MISUSE_NAMES].find(([, name]) => name === detail.reason)!;
      this.seen.add(nameOf("MISUSE_", number));
    }
    if (code === "INVARIANT") this.invariant(detail.invariant, model);
  }

  private invariant(broken: unknown, model: SchemaModel): void {
    const invariant = model.invariants.find(({ name }) => name === broken)!;
    if (invariant.form === "sum") this.seen.add(`sum by ${invariant.terms[0]!.by.length} fields`);
    else for (const { operator } of invariant.comparisons) this.seen.add(OPERATORS.get(operator)!);
  }
}

function nameOf(prefix: string, value: number): string {
  return abiNames(prefix).get(value)!;
}
