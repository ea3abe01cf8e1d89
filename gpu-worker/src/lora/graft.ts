import type { Graph, Model, Node } from '../onnx/index.ts';
import { planBank, planRows, planShared } from './branches.ts';
import { LoraError } from './errors.ts';
import { findModules, type ModuleSites } from './modules.ts';
import { createScribe, type Scribe } from './scribe.ts';

export type ByModule = number | ((module: string) => number);

/** For training: A and B are fed, and used by all rows. */
export type SharedOptions = {
  readonly kind: 'shared';
  /** PEFT names of modules of the graph (`modulesOf`). */
  readonly targets: readonly string[];
  readonly rank: ByModule;
  /** α/r, in the graph, so that B is trained and written as peft has it. */
  readonly scale: ByModule;
};

/** For serving, and for gradients of each row: banks of adapters are fed, and each row names its slot. */
export type BankOptions = {
  readonly kind: 'bank';
  readonly targets: readonly string[];
  /** The highest rank that a slot can hold; adapters of lower ranks are padded with zeros, which is exact. */
  readonly rank: ByModule;
};

/** For serving rows that keep their adapters in their own places: nothing is gathered, row i of each array is for row i of the batch. */
export type RowsOptions = Omit<BankOptions, 'kind'> & { readonly kind: 'rows' };

export type SharedModule = {
  readonly module: string;
  readonly in: number;
  readonly out: number;
  readonly rank: number;
  readonly scale: number;
  /** Inputs of the graph, float32: A [in, rank] and B [rank, out]. */
  readonly a: string;
  readonly b: string;
};

export type BankModule = Omit<SharedModule, 'scale'> & {
  /** Inputs `a` and `b` are banks: [slots, in, rank] and [slots, rank, out]. Values in the graph, gathered from them by slot: [batch, in, rank] and [batch, rank, out]. */
  readonly rowsA: string;
  readonly rowsB: string;
};

export type SharedGraft = { readonly kind: 'shared'; readonly model: Model; readonly modules: readonly SharedModule[] };

export type BankGraft = {
  readonly kind: 'bank';
  readonly model: Model;
  readonly modules: readonly BankModule[];
  /** Input int64 [batch]: the slot of each row. */
  readonly slot: string;
};

/** Inputs `a` and `b` of each module have as many rows as the batch: `[batch, in, rank]` and `[batch, rank, out]`. */
export type RowsGraft = { readonly kind: 'rows'; readonly model: Model; readonly modules: readonly BankModule[] };

/**
 * Grafts a branch x·A·B beside each node of the target modules, and leaves the rest of the graph as it is. Where shapes are
 * known (`inferShapes`), banks need no reshapes around inputs that are [batch, sequence, in] already.
 *
 * @example
 * const { model, modules } = graft(base, { kind: 'shared', targets: ['model.layers.0.self_attn.q_proj'], rank: 8, scale: 2 });
 * @throws LoraError when a target is no module of the graph, or a rank no whole number from 1.
 */
export function graft(model: Model, options: SharedOptions): SharedGraft;
export function graft(model: Model, options: BankOptions): BankGraft;
export function graft(model: Model, options: RowsOptions): RowsGraft;
export function graft(
  model: Model,
  options: SharedOptions | BankOptions | RowsOptions,
): SharedGraft | BankGraft | RowsGraft {
  const { graph } = model;
  const targets = targetModules(graph, options.targets);
  const scribe = createScribe(graph);
  const { inputs, branches, ...result } = planOf(scribe, targets, options);
  const branchOf = new Map<Node, (x: string, y: string) => string>();
  for (const [module, { nodes }] of targets) {
    for (const node of nodes) branchOf.set(node, branches.get(module)!);
  }
  for (const node of graph.nodes) {
    const branch = branchOf.get(node);
    if (branch === undefined) {
      scribe.push(node);
      continue;
    }
    // The sum takes the name of the node's output, so that nothing after it changes.
    const [y] = node.outputs as [string];
    const base = scribe.fresh(`${y}.base`);
    scribe.push({ ...node, outputs: [base] });
    const delta = branch(node.inputs[0]!, base);
    scribe.push({
      name: `${y}.adapted`,
      op: 'Add',
      domain: '',
      inputs: [base, delta],
      outputs: [y],
      attributes: new Map(),
    });
  }
  const { nodes, initializers } = scribe;
  return {
    ...result,
    model: { ...model, graph: { ...graph, inputs: [...graph.inputs, ...inputs], nodes, initializers } },
  };
}

const planOf = (
  scribe: Scribe,
  targets: ReadonlyMap<string, ModuleSites>,
  options: SharedOptions | BankOptions | RowsOptions,
) => {
  switch (options.kind) {
    case 'shared':
      return planShared(scribe, targets, options);
    case 'bank':
      return planBank(scribe, targets, options);
    case 'rows':
      return planRows(scribe, targets, options);
  }
};

const targetModules = (graph: Graph, targets: readonly string[]): ReadonlyMap<string, ModuleSites> => {
  const known = findModules(graph);
  if (targets.length === 0) throw new LoraError('No modules were named to adapt');
  return new Map(
    [...new Set(targets)].map((target) => {
      const module = known.get(target);
      if (module !== undefined) return [target, module];
      const some = [...known.keys()].slice(0, 8).join(', ');
      throw new LoraError(`The graph has no linear module ${target}; it has ${known.size}${some && `: ${some}, …`}`);
    }),
  );
};
