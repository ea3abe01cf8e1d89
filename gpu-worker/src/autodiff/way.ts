import { type Graph, isFloat, type Known, type Node, needsOf, type Value } from '../onnx/index.ts';
import { UnknownOpError } from './errors.ts';
import type { Rule } from './rule.ts';
import { rules, steps } from './rules/index.ts';

type Given = { has: (value: Value) => boolean };

/** Values that depend on one of `wrt` by floating point all the way, and not only by one whose gradient is given. */
export const activeValues = (
  graph: Graph,
  known: ReadonlyMap<Value, Known>,
  wrt: readonly Value[],
  given: Given,
): ReadonlySet<Value> => {
  const active = new Set(wrt);
  for (const node of graph.nodes) {
    if ((node.domain === '' && steps.has(node.op)) || !passes(node, active, given)) continue;
    for (const output of node.outputs) {
      const type = known.get(output)?.type;
      if (output !== '' && (type === undefined || isFloat(type))) active.add(output);
    }
  }
  return active;
};

/** What the graphs within a node take from around it counts, too: a branch on the way is an error, not a gap. */
const passes = (node: Node, active: ReadonlySet<Value>, given: Given): boolean =>
  needsOf(node).some((value) => active.has(value) && !given.has(value));

/**
 * The nodes that gradients pass on their way from the ends back to active values, last first, each with its rule.
 *
 * @throws UnknownOpError for the first of them, from the end, that has none.
 */
export const wayTo = (
  graph: Graph,
  ends: readonly Value[],
  active: ReadonlySet<Value>,
  given: Given,
): { node: Node; rule: Rule }[] => {
  const needed = new Set(ends);
  return graph.nodes.toReversed().flatMap((node) => {
    const isOnTheWay = node.outputs.some((output) => needed.has(output) && active.has(output));
    if (!isOnTheWay || !passes(node, active, given)) return [];
    const rule = node.domain === '' ? rules[node.op] : undefined;
    if (rule === undefined) throw new UnknownOpError(node);
    for (const value of needsOf(node)) if (active.has(value)) needed.add(value);
    return [{ node, rule }];
  });
};
