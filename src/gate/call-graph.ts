/**
 * Who calls whom, and whether a function can reach itself.
 *
 * Responsible for: direct calls, and calls through a table, which may reach every function of their type that stands
 * in one.
 * Not responsible for: how deep a stack gets; without recursion its depth is bounded by the number of functions.
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

/**
 * Finds functions that can reach themselves: a cycle for each call that leads back to a function that is still
 * running.
 * @param most how many cycles to look for
 * @returns each cycle as the functions on it, in the order of the calls; the last one calls the first
 */
export function findCycles(model: ModuleModel, most: number): number[][] {
  const graph = callGraph(model);
  const cycles: number[][] = [];
  const done = new Set<number>();
  for (const { index: root } of model.functions) {
    const path: number[] = [];
    const nexts: number[] = [];
    const depthOf = new Map<number, number>();
    const enter = (node: number) => {
      depthOf.set(node, path.length);
      path.push(node);
      nexts.push(0);
    };
    if (!done.has(root)) enter(root);
    while (path.length > 0) {
      const node = path.at(-1)!;
      const next = nexts.at(-1)!;
      const target = graph.get(node)?.[next];
      nexts[nexts.length - 1] = next + 1;
      if (target === undefined) {
        path.pop();
        nexts.pop();
        depthOf.delete(node);
        done.add(node);
      } else if (depthOf.has(target)) {
        cycles.push(path.slice(depthOf.get(target)).filter((one) => one >= 0));
        if (cycles.length >= most) return cycles;
      } else if (!done.has(target)) enter(target);
    }
  }
  return cycles;
}
