import type { Node } from '../onnx/index.ts';

/** Something about a graph that cannot be differentiated as it is; the message says where and what would be right. */
export class AutodiffError extends Error {
  override readonly name: string = 'AutodiffError';
}

/** An operator on the way from `wrt` to the loss that has no rule. */
export class UnknownOpError extends AutodiffError {
  override readonly name = 'UnknownOpError';
  readonly op: string;
  readonly node: string;

  constructor({ op, domain, name }: Node) {
    const full = domain === '' ? op : `${domain}.${op}`;
    const hint =
      domain === ''
        ? 'Export the model with operators of the table in autodiff/rules, or freeze what lies before the node.'
        : 'Export the model without graph optimisation: fused operators of a runtime have no gradient here.';
    super(`No gradient is known of ${full}, node ${name || '(unnamed)'}. ${hint}`);
    this.op = full;
    this.node = name;
  }
}
