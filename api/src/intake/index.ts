export { type Judgement, judgeSubmission, type Submission } from './judge.ts';
export { recordFingerprint, recordVerdict } from './record.ts';
export type { MediaType, Row } from './row.ts';
export { rules } from './rules.ts';
