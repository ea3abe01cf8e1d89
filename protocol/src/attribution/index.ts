export { type Algorithm, algorithmId, algorithmSchema, startingAlgorithm } from './algorithm.ts';
export { type Batch, batchSchema } from './batch.ts';
export { type Card, cardBenchmarkId, cardSchema } from './card.ts';
export { type Evidence, evidenceSchema } from './evidence.ts';
export { type Payment, paymentOf } from './payment.ts';
export { type AttributionRecord, attributionRecordSchema } from './record.ts';
export { type RewardList, rewardListSchema } from './rewardList.ts';
