export { AmountError, formatOpen, parseOpen } from './amounts.ts';
export { canonicalJson } from './canonical-json.ts';
export { type BlindScore, newSalt, scoreCommitment } from './commitments.ts';
export { checkFeeSplit, FeeError, type FeeParts, type FeeSplit, splitFee, startingFeeSplit } from './fees.ts';
export type { Hex } from './hex.ts';
export {
  contributionLeaf,
  datanetTree,
  MerkleError,
  type MerkleTree,
  type Reward,
  receiptTree,
  rewardLeaf,
  rewardTree,
  type VersionedContribution,
  verifyContribution,
  verifyReceipt,
  verifyReward,
} from './merkle.ts';
export { type ParameterName, parameterId, parameterName, parameters } from './parameters.ts';
export { contributionReasons, reasonText } from './reasons.ts';
export {
  parseReceipt,
  type Receipt,
  ReceiptError,
  receiptHash,
  receiptSchema,
  signReceipt,
  type UnsignedReceipt,
  unsignedReceiptSchema,
  verifyReceiptSignature,
} from './receipt.ts';
export { type Request, requestIdOf } from './request-id.ts';
export {
  type AccessRole,
  accessRoleName,
  accessRoles,
  type StakeRole,
  stakeRoleName,
  stakeRoles,
} from './roles.ts';
export { medianScore, oneScore, ScoreError } from './scores.ts';
export {
  domainOf,
  type Message,
  type MessageName,
  type MessageScope,
  messageContract,
  messageDigest,
  messageSigner,
  messageTypes,
  signMessage,
} from './typed-data.ts';
