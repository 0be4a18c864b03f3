/**
 * Canonical indexes: a class for each number of segments that a prefix can have, each with the steps to the next.
 */
import type { FieldModel, KindModel, PathModel, SegmentModel } from "../../schema/model.ts";
import type { Context } from "./context.ts";
import { Scope } from "./names.ts";
import type { RecordPlan } from "./records.ts";
import { block, capital, comment } from "./text.ts";

/** What a bound is called behind the segment's name, and in the SDK. */
const BOUNDS = [
  ["From", "FROM"],
  ["To", "TO"],
  ["After", "AFTER"],
  ["Before", "BEFORE"],
] as const;

/** Members that every prefix has. */
const OWN_MEMBERS = ["count", "first", "last", "list", "next", "prev", "reverse"];

/** The classes of an index; `name` is that of the whole index. */
export function prefixLines(context: Context, plan: RecordPlan, path: PathModel, name: string): string[] {
  const { names } = context;
  const { kind } = plan;
  const whole = `${names.sdk("Prefix")}<${kind.name}>`;
  const { segments } = path;
  const classes = segments.map((_, depth) => {
    return depth === 0 ? name : names.derived(name + capital(fieldAt(kind, segments, depth - 1).name));
  });
  return segments.flatMap((segment, depth) => {
    const own = classes[depth]!;
    const base = depth === 0 ? `${names.sdk("Index")}<${kind.name}>` : whole;
    const body = steps(context, plan, segment, own, classes[depth + 1] ?? whole);
    return [
      ...(depth === 0 ? indexComment(kind, path) : [""]),
      "@unmanaged",
      ...block(`export abstract class ${own} extends ${base}`, body),
    ];
  });
}

function fieldAt(kind: KindModel, segments: readonly SegmentModel[], depth: number): FieldModel {
  return kind.fields[segments[depth]!.field]!;
}

/** What the members of a class say that are named after a segment. */
function steps(
  context: Context,
  { kind, offsets }: RecordPlan,
  segment: SegmentModel,
  own: string,
  next: string,
): string[] {
  const { names, code } = context;
  const field = kind.fields[segment.field]!;
  const parameter = names.parameterScope().take(field.name);
  const members = new Scope(OWN_MEMBERS);
  const named = members.take(field.name);
  const absent = field.nullable ? members.take(`no${capital(field.name)}`) : "";
  const step = members.take("step");
  const type = code.type(field);
  const goes = (result: string, value: string) => [`return changetype<${result}>(${value});`];
  const by = (bound: string) => `this.${step}(${names.sdk(bound)}, ${parameter})`;
  const lines = block(`${named}(${parameter}: ${type}): ${next}`, goes(next, by("PREFIX")));
  for (const [word, bound] of BOUNDS) {
    lines.push(
      ...block(`${members.take(named + word)}(${parameter}: ${type}): ${own}`, goes(own, by(bound))),
    );
  }
  if (field.nullable) {
    const without = (bound: string) => {
      const parts = ["changetype<usize>(this)", names.sdk(bound), offsets[segment.field]!, segment.field];
      return `${names.sdk("absentStep")}(${parts.join(", ")})`;
    };
    lines.push("", ...block(`${absent}(): ${next}`, goes(next, without("PREFIX"))));
    for (const [word, bound] of BOUNDS) {
      lines.push(...block(`${members.take(absent + word)}(): ${own}`, goes(own, without(bound))));
    }
  }
  const body = [`return ${code.step(field, segment.field, offsets[segment.field]!, parameter)};`];
  return [...lines, "", ...block(`private ${step}(bound: u8, ${parameter}: ${type}): usize`, body)];
}

// ---- what the comment of an index says ---------------------------------------------------------------------

function indexComment(kind: KindModel, path: PathModel): string[] {
  const segments = path.segments.map((segment) => {
    const { name } = kind.fields[segment.field]!;
    if (segment.when === null) return segment.descending ? `${name} (descending)` : name;
    const direction = segment.descending ? "descending" : "ascending";
    const other = kind.fields[segment.when.field]!;
    return `${name} (${direction} when ${other.name} is ${valueName(other, segment.when.value)})`;
  });
  const where = path.where.map((condition) => {
    const field = kind.fields[condition.field]!;
    return `${field.name} is ${condition.values.map((value) => valueName(field, value)).join(" or ")}`;
  });
  const only = where.length === 0 ? "" : ` Only records whose ${where.join(" and ")}.`;
  return comment(0, `Index: ${segments.join(", ")}.${only}`);
}

function valueName(field: FieldModel, value: number): string {
  return field.enumeration?.nameOf.get(value) ?? String(value === 1);
}
