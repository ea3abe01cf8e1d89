import { readConfig } from '../run/config.ts';
import { configuredContracts } from './published/sources.ts';

/** What the handlers need to know of the deployment beyond what events say. */
const { manifest, published } = readConfig(process.env);

/** Where the platform's part of every fee and all that stays unattributed goes. */
export const treasury = manifest.treasury;

/** The OPEN token. */
export const open = manifest.contracts.Open;

/** The vesting wallets' schedules, by address. */
export const vesting = new Map(manifest.vesting.map((wallet) => [wallet.address, wallet]));

/** OpenLedger's published contracts that are indexed. */
export const publishedContracts = configuredContracts(published);
