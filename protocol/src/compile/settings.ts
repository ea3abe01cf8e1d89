import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this package: source unit names (`contracts/Open.sol`) are relative to it. */
export const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The compiler's settings, the same for every contract and part of the cache key. */
export const compilerSettings = {
  optimizer: { enabled: true, runs: 200 },
  evmVersion: 'cancun',
  viaIR: false,
} as const;

/** EIP-170: the largest runtime code a chain accepts, in bytes. */
export const maxRuntimeBytes = 24_576;

/** EIP-3860: the largest creation code a chain accepts, in bytes, constructor arguments included. */
export const maxCreationBytes = 49_152;

/** Version of the `solc` package that compiles, e.g. `0.8.37`; part of the cache key. */
export const compilerVersion: string = createRequire(import.meta.url)('solc/package.json').version;
