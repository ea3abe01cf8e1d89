import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JsonRpcProvider, parseEther, Wallet } from 'ethers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { developmentAccounts } from './accounts.ts';
import { type LocalChain, LocalChainError, type LocalChainOptions, startLocalChain } from './local-chain.ts';

let folder: string;
const chains: LocalChain[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chain-'));
});
afterEach(async () => {
  for (const chain of chains.splice(0)) await chain.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(options?: LocalChainOptions): Promise<LocalChain> {
  const chain = await startLocalChain(options);
  chains.push(chain);
  return chain;
}

const head = (chain: LocalChain) => chain.call<string>('eth_blockNumber').then(Number);
const block = (chain: LocalChain, number: number) =>
  chain.call<{ hash: string; timestamp: string }>('eth_getBlockByNumber', [`0x${number.toString(16)}`, false]);

describe('a chain', () => {
  test('funds the development accounts and mines each transaction at once', async () => {
    const chain = await start();
    const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, cacheTimeout: -1 });
    const accounts = developmentAccounts(40);
    expect(accounts[0]?.address).toBe('0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266');
    const sent = await new Wallet(accounts[39]!.privateKey, provider).sendTransaction({
      to: accounts[0]!.address,
      value: parseEther('9000'),
    });
    expect(await provider.getTransactionReceipt(sent.hash)).toMatchObject({ status: 1, blockNumber: 1 });
    provider.destroy();
  });

  test('begins in the past when told so, and its clock moves only where it is put', async () => {
    const chain = await start({ genesisTimestamp: 1_700_000_000n, chainId: 4_242 });
    expect(Number(await chain.call('eth_chainId'))).toBe(4_242);
    expect(Number((await block(chain, 0)).timestamp)).toBe(1_700_000_000);
    await chain.setNextBlockTimestamp(1_700_086_400n);
    await chain.mine();
    expect(Number((await block(chain, 1)).timestamp)).toBe(1_700_086_400);
    await chain.increaseTime(3_600n);
    expect(Number((await block(chain, 2)).timestamp)).toBeGreaterThanOrEqual(1_700_090_000);
    await chain.mine(5);
    expect(await head(chain)).toBe(7);
    await expect(chain.setNextBlockTimestamp(1n)).rejects.toThrow(/evm_setNextBlockTimestamp: Timestamp error/);
  });

  test('mines at intervals, and changes from one way of mining to the other', async () => {
    const chain = await start({ blockTime: 1 });
    await expect.poll(() => head(chain), { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
    await chain.setIntervalMining(0);
    const stopped = await head(chain);
    await sleep(1_300);
    expect(await head(chain)).toBe(stopped);
    await chain.setAutomine(true);
    const { address } = developmentAccounts(1)[0]!;
    await chain.call('eth_sendTransaction', [{ from: address, to: address }]);
    await expect.poll(() => head(chain)).toBe(stopped + 1);
  });
});

describe('state', () => {
  test('a stopped chain goes on where it was: same genesis, same blocks, same port', async () => {
    const stateFile = join(folder, 'deep', 'chain.json');
    const first = await start({ stateFile, genesisTimestamp: 1_700_000_000n });
    await first.mine(3);
    const before = [await block(first, 0), await block(first, 3)];
    await first.stop();
    expect(await first.exited).toMatch(/^anvil (ended with exit code 0|was ended by SIGTERM)$/);

    const second = await start({ stateFile, port: first.port, genesisTimestamp: 1_800_000_000n });
    expect([await block(second, 0), await block(second, 3)]).toEqual(before);
  });

  test('a chain that is killed outright keeps what it had at the last interval', async () => {
    const stateFile = join(folder, 'chain.json');
    const first = await start({ stateFile, stateInterval: 1 });
    await first.mine(3);
    await sleep(2_500);
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toBe('anvil was ended by SIGKILL');
    expect(await head(await start({ stateFile }))).toBe(3);
  });

  test('a chain that is killed outright leaves none of the older states that it had put away', async () => {
    const stateFile = join(folder, 'state.json');
    const chain = await start({ stateFile });
    await chain.mine(1_500);
    expect(await readdir(folder)).toContain('state.json.older');
    process.kill(chain.pid, 'SIGKILL');
    await chain.exited;
    expect(await readdir(folder)).not.toContain('state.json.older');
  });

  test('block 0 stays the same block over many restarts, and the clock goes on', async () => {
    const stateFile = join(folder, 'chain.json');
    const hour = 3_600n;
    const genesisTimestamp = BigInt(Math.floor(Date.now() / 1_000)) - 100n * hour;
    type Block = { hash: string; timestamp: string };
    const blocks: { hash: string; behind: boolean }[] = [];
    for (let i = 0; i < 6; i++) {
      const chain = await start({ stateFile, genesisTimestamp });
      await chain.mine();
      const genesis = await chain.call<Block>('eth_getBlockByNumber', ['0x0', false]);
      const latest = await chain.call<Block>('eth_getBlockByNumber', ['latest', false]);
      blocks.push({ hash: genesis.hash, behind: BigInt(latest.timestamp) < genesisTimestamp + 99n * hour });
      await chain.stop();
    }
    expect(blocks).toEqual(blocks.map((_, i) => ({ hash: blocks[0]?.hash, behind: i === 0 })));
  });

  test('a clock that is told to go on in the past does, but never before the last block', async () => {
    const stateFile = join(folder, 'chain.json');
    const genesisTimestamp = 1_700_000_000n;
    const first = await start({ stateFile, genesisTimestamp });
    await first.setNextBlockTimestamp(genesisTimestamp + 1_000n);
    await first.mine();
    await first.stop();
    const times = [];
    for (const resumeTimestamp of [genesisTimestamp + 5_000n, genesisTimestamp]) {
      const chain = await start({ stateFile, genesisTimestamp, resumeTimestamp });
      await chain.mine();
      const latest = await chain.call<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false]);
      times.push(BigInt(latest.timestamp) - genesisTimestamp);
      await chain.stop();
    }
    expect(times[0]).toBeGreaterThanOrEqual(5_000n);
    expect(times[0]).toBeLessThan(5_100n);
    expect(times[1]).toBeGreaterThanOrEqual(times[0]!);
    expect(times[1]).toBeLessThan(5_200n);
  });
});

describe('what is wrong is said', () => {
  test('a busy port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(start({ port })).rejects.toThrow(
      new LocalChainError(
        `The local chain cannot use port ${port}: another program has it. Stop that one or choose another port.`,
      ),
    );
    other.close();
  });

  test('a state file that is none, with what anvil said of it', async () => {
    const stateFile = join(folder, 'chain.json');
    await writeFile(stateFile, 'not a chain');
    await expect(start({ stateFile })).rejects.toThrow(
      /^The local chain did not start: anvil ended with exit code 2\.\n[\s\S]*failed to parse json file/,
    );
  });

  test('a state folder that cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    const stateFile = join(folder, 'file', 'chain.json');
    await expect(start({ stateFile })).rejects.toThrow(`The local chain cannot keep its state in ${stateFile}: `);
  });

  test("a call that the node refuses, by its method and the node's own words", async () => {
    const chain = await start();
    await expect(chain.call('eth_noSuchMethod')).rejects.toThrow(/^eth_noSuchMethod: /);
    await chain.stop();
    await expect(chain.call('eth_chainId')).rejects.toThrow(/^eth_chainId: http:\/\/127\.0\.0\.1:\d+ does not answer/);
  });
});

describe('no chain is left behind', () => {
  test('when it is stopped, also twice', async () => {
    const chain = await start();
    await Promise.all([chain.stop(), chain.stop()]);
    await chain.stop();
    expect(isRunning(chain.pid)).toBe(false);
  });

  test.each([
    ['returns by process.exit', 'process.exit(3)', undefined, 3],
    ['fails with an uncaught error', 'setTimeout(() => { throw new Error("expected") })', undefined, 1],
    ['is ended by SIGTERM', '', 'SIGTERM', 'SIGTERM'],
    ['is ended by SIGINT', '', 'SIGINT', 'SIGINT'],
  ] as const)('when the process that started it %s', async (_, end, signal, expected) => {
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', parentScript(end)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const pid = Number(await firstLine(parent));
    if (signal !== undefined) parent.kill(signal);
    const [code, endedBy] = await once(parent, 'close');
    expect(code ?? endedBy).toBe(expected);
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
  });

  test('and a process that handles a signal itself is not ended by the chain', async () => {
    const script = parentScript(`
      process.on('SIGTERM', async () => { await chain.mine(); await chain.stop(); process.exit(7); });
      setInterval(() => {}, 1_000);`);
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = Number(await firstLine(parent));
    parent.kill('SIGTERM');
    expect((await once(parent, 'close'))[0]).toBe(7);
    expect(isRunning(pid)).toBe(false);
  });
});

function parentScript(then: string): string {
  return `import { startLocalChain } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
    const chain = await startLocalChain();
    ${then.startsWith('\n') ? then : ''}
    console.log(chain.pid);
    ${then.startsWith('\n') ? '' : then}`;
}

async function firstLine(child: ChildProcess): Promise<string> {
  let heard = '';
  for await (const chunk of child.stdout!.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    heard += chunk;
    if (heard.includes('\n')) break;
  }
  return heard.trim();
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
