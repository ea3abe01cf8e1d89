/** What was wrong with an adapter, a graph to graft on, or the arrays given for it; the message says where and what would be right. */
export class LoraError extends Error {
  override readonly name = 'LoraError';
}
