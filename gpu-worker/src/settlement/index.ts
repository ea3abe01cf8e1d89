export {
  createKeeper,
  type EpochsConfig,
  EpochsConfigError,
  type Keeper,
  type KeeperFigures,
  type KeeperOptions,
  readEpochsConfig,
  readRewards,
  rewardContentOf,
  startEpochs,
} from './epochs/index.ts';
export { type BatchContent, batchContentOf } from './posting/index.ts';
export { createSettler, type Settler, type SettlerFigures, type SettlerOptions } from './settler.ts';
export { keeperMoments, type Moment, type Phase, settlerMoments } from './step.ts';
