import { startFreshProtocol } from '../drive/fresh-protocol.ts';
import { driveProtocol } from '../drive/index.ts';
import { type GasRow, gasRows } from './table.ts';

/** Plays the whole protocol on a fresh chain and returns what each call cost. The same code gives the same numbers. */
export async function measureGas(onProgress: (message: string) => void = () => {}): Promise<readonly GasRow[]> {
  const { rpcUrl, manifest, accounts, stop } = await startFreshProtocol();
  try {
    const { gas } = await driveProtocol({ rpcUrl, manifest, accounts, onProgress });
    return gasRows(gas.values());
  } finally {
    await stop();
  }
}
