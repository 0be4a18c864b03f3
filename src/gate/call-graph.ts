/**
 * Who calls whom: whether a function can reach itself, and how deep calls can get.
 *
 * Responsible for: direct calls, and calls through a table, which may reach every function of their type that stands
 * in one.
 * Not responsible for: values that a function holds between two calls; they are small beside its locals.
 *
 * I1. Nothing here recurses: a hostile call graph must not overflow the stack that judges it.
 * I2. A node of the graph is a function, or (below 0) a type that is called through a table. So the graph has no more
 * edges than the module has calls and table entries.
 */
import type { ModuleModel } from "./module-model.ts";

/** For each function with a body, and each type called through a table, what it may call. */
type CallGraph = ReadonlyMap<number, readonly number[]>;

function callGraph(model: ModuleModel): CallGraph {
  const graph = new Map<number, number[]>();
  const nodes = new Map<string, number>();
  const nodeOfType = (typeIndex: number | undefined): number => {
    const text = typeText(model, typeIndex);
    const node = nodes.get(text) ?? -1 - nodes.size;
    nodes.set(text, node);
    return node;
  };
  for (const index of new Set(model.elements.flatMap(({ functions }) => functions))) {
    if (index === undefined) continue;
    const node = nodeOfType(model.functionTypes[index]);
    const targets = graph.get(node);
    if (targets) targets.push(index);
    else graph.set(node, [index]);
  }
  for (const { index, calls, indirectCalls } of model.functions) {
    graph.set(index, [...calls, ...new Set([...indirectCalls].map(nodeOfType))]);
  }
  return graph;
}

/** Two types with the same text are one type to an engine, whatever their indices. */
function typeText(model: ModuleModel, index: number | undefined): string {
  const type = model.types[index ?? -1];
  return type === undefined ? `?${index}` : `${type.params.join()}>${type.results.join()}`;
}

/** What a frame may take besides its locals: return address, saved registers, values in between. */
const FRAME_BYTES = 128;
const SLOT_BYTES = 8;
/** A small part of the smallest stack among engines; real handlers need a few KiB. */
export const STACK_BYTES_MAX = 131_072;

/** A way from a function through its calls. */
interface Chain {
  /** Bytes of stack that the calls on it may need together. */
  readonly bytes: number;
  /** The functions on it, in the order of the calls. */
  readonly path: readonly number[];
}

interface Calls {
  /** Each cycle as the functions on it, in the order of the calls; the last one calls the first. */
  readonly cycles: readonly (readonly number[])[];
  /** The deepest chain; means nothing if there are cycles. */
  readonly deepest: Chain;
}

/**
 * Follows every call: functions that can reach themselves (a cycle for each call that leads back to a function that
 * is still running), and how deep the others can get.
 * @param most how many cycles to look for
 */
export function walkCalls(model: ModuleModel, most: number): Calls {
  const walk = new CallWalk(model);
  for (const { index } of model.functions) {
    if (walk.cycles.length < most) walk.from(index, most);
  }
  return { cycles: walk.cycles, deepest: walk.deepest() };
}

class CallWalk {
  readonly cycles: number[][] = [];
  readonly #graph: CallGraph;
  readonly #frames: ReadonlyMap<number, number>;
  /** Nodes on the way to the present one, and which of their calls comes next. */
  readonly #path: number[] = [];
  readonly #nexts: number[] = [];
  readonly #depthOf = new Map<number, number>();
  /** Bytes below each node that is done, itself included, and where its deepest chain goes on. */
  readonly #bytes = new Map<number, number>();
  readonly #onward = new Map<number, number>();

  constructor(model: ModuleModel) {
    this.#graph = callGraph(model);
    this.#frames = new Map(
      model.functions.map(({ index, locals }) => {
        const params = model.signatureOf(index)?.params.length ?? 0;
        return [index, FRAME_BYTES + SLOT_BYTES * (params + locals)];
      }),
    );
  }

  from(root: number, most: number): void {
    if (!this.#bytes.has(root)) this.#enter(root);
    while (this.#path.length > 0 && this.cycles.length < most) {
      const node = this.#path.at(-1)!;
      const next = this.#nexts.at(-1)!;
      const target = this.#graph.get(node)?.[next];
      this.#nexts[this.#nexts.length - 1] = next + 1;
      if (target === undefined) this.#leave(node);
      else if (this.#depthOf.has(target)) {
        const cycle = this.#path.slice(this.#depthOf.get(target));
        this.cycles.push(cycle.filter((one) => one >= 0));
      } else if (!this.#bytes.has(target)) this.#enter(target);
    }
  }

  #enter(node: number): void {
    this.#depthOf.set(node, this.#path.length);
    this.#path.push(node);
    this.#nexts.push(0);
  }

  #leave(node: number): void {
    this.#path.pop();
    this.#nexts.pop();
    this.#depthOf.delete(node);
    let below = 0;
    for (const target of this.#graph.get(node) ?? []) {
      const bytes = this.#bytes.get(target) ?? 0;
      if (bytes <= below) continue;
      below = bytes;
      this.#onward.set(node, target);
    }
    this.#bytes.set(node, below + (this.#frames.get(node) ?? 0));
  }

  deepest(): Chain {
    let start: number | undefined;
    let bytes = 0;
    for (const [node, below] of this.#bytes) {
      if (below > bytes) [start, bytes] = [node, below];
    }
    const path: number[] = [];
    for (let node = start; node !== undefined; node = this.#onward.get(node)) {
      if (node >= 0) path.push(node);
    }
    return { bytes, path };
  }
}
