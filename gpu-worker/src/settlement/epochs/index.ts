export { type EpochsConfig, EpochsConfigError, readEpochsConfig } from './config.ts';
export { createKeeper, type Keeper, type KeeperFigures, type KeeperOptions } from './keeper.ts';
export { type RewardContent, type Rewards, readRewards, rewardContentOf } from './rewards.ts';
export { type RunningKeeper, startEpochs } from './start.ts';
