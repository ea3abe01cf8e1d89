export { type EvidenceOptions, evidenceScores } from './evidenceScores.ts';
export { floatOf, hexOf, influenceEvidence, normOf, queryOf } from './query.ts';
export { type AnsweredRequest, evidenceHash, type ReceiptOptions, receiptOf, seedOf } from './receiptOf.ts';
export { type Difference, type RecheckOptions, recheck } from './recheck.ts';
export { withRetrieved } from './withRetrieved.ts';
