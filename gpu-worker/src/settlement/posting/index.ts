export { type BatchContent, batchContentOf } from './batchContent.ts';
export { createPosting, type PostingFigures, type PostingOptions } from './posting.ts';
export type { Attributable } from './receipt.ts';
