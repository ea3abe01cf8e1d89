import { totalmem } from 'node:os';
import { OnnxError } from './errors.ts';

/**
 * How much a file may ask for. Each is checked before what it protects is allocated, and what is allocated is never more than
 * a small multiple of the bytes that the file itself has.
 */
export type Limits = {
  /** Bytes of the model's own file. Protocol buffers end at 2^31 − 1. */
  readonly fileBytes: number;
  /** Bytes of one tensor, whatever way it is stored. */
  readonly tensorBytes: number;
  /** Bytes of all tensors together, and of all files with external data together. */
  readonly totalBytes: number;
  /** Files with external data. */
  readonly externalFiles: number;
  /** Nodes of all graphs, those inside attributes too. */
  readonly nodes: number;
  /** Initializers of all graphs. */
  readonly initializers: number;
  /** Inputs, outputs and noted values of all graphs. */
  readonly values: number;
  /** Attributes of all nodes, metadata and operator sets. */
  readonly attributes: number;
  /** Inputs and outputs of all nodes. */
  readonly edges: number;
  /** Numbers and strings in the lists of all attributes. */
  readonly listItems: number;
  /** Graphs within graphs. */
  readonly depth: number;
  /** Bytes of a name. */
  readonly nameBytes: number;
  /** Bytes of a string attribute or of a metadata value. */
  readonly textBytes: number;
  /** Dims of a tensor or value. */
  readonly rank: number;
};

/** Room for a base model of some billion parameters where the machine has it, not for a file that was made to exhaust it. */
export const defaultLimits: Limits = {
  fileBytes: 2 ** 31 - 1,
  tensorBytes: 2 ** 31,
  totalBytes: Math.min(2 ** 34, Math.floor(0.75 * totalmem())),
  externalFiles: 1_000,
  nodes: 200_000,
  initializers: 200_000,
  values: 1_000_000,
  attributes: 1_000_000,
  edges: 2_000_000,
  listItems: 4_000_000,
  depth: 16,
  nameBytes: 4_096,
  textBytes: 2 ** 24,
  rank: 32,
};

type Counted = 'totalBytes' | 'nodes' | 'initializers' | 'values' | 'attributes' | 'edges' | 'listItems';

/** What one reading has used of its limits. */
export type Budget = {
  readonly limits: Limits;
  /** @throws OnnxError when there is more than its limit now. */
  readonly spend: (what: Counted, amount: number, where: string) => void;
};

const nouns: Readonly<Record<Counted, string>> = {
  totalBytes: 'bytes in tensors',
  nodes: 'nodes',
  initializers: 'initializers',
  values: 'inputs, outputs and noted values',
  attributes: 'attributes',
  edges: 'inputs and outputs of nodes',
  listItems: 'items in the lists of attributes',
};

export const createBudget = (limits: Partial<Limits> = {}): Budget => {
  const all = { ...defaultLimits, ...limits };
  const spent = new Map<Counted, number>();
  return {
    limits: all,
    spend: (what, amount, where) => {
      const sum = (spent.get(what) ?? 0) + amount;
      if (sum > all[what]) throw new OnnxError(`${where}: the model has more than ${all[what]} ${nouns[what]}`);
      spent.set(what, sum);
    },
  };
};
