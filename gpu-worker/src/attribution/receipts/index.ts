export type { Attributable, Score, SpanJudge } from './attributable.ts';
export { type EvidenceOptions, evidenceScores } from './evidenceScores.ts';
export { influenceEvidence, normOf, queryOf } from './query.ts';
export { type AnsweredRequest, evidenceHash, type ReceiptOptions, receiptOf, seedOf } from './receiptOf.ts';
export { type Difference, type RecheckOptions, recheck } from './recheck.ts';
