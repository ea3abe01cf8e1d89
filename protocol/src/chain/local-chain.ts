import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { anvilBinary } from './binary.ts';
import { endWithParent } from './end-with-parent.ts';
import { portIfFree } from './ports.ts';
import { rpc } from './rpc.ts';

export class LocalChainError extends Error {
  override readonly name = 'LocalChainError';
}

export type LocalChainOptions = {
  /** A free one when left out. */
  port?: number;
  chainId?: number;
  /** Where blocks, logs and state are kept over restarts; nothing is kept without it. */
  stateFile?: string;
  /** Seconds between two dumps of the state; what came after the last one is lost when the chain is killed. */
  stateInterval?: number;
  /** Seconds between blocks; without it each transaction is mined at once. */
  blockTime?: number;
  /** Unix seconds of block 0, for a chain that begins in the past. Ignored when the state file holds a chain. */
  genesisTimestamp?: bigint;
  /** Unix seconds at which the clock of a chain from a state file goes on; now when left out. */
  resumeTimestamp?: bigint | undefined;
  /** How many development accounts are funded. */
  accounts?: number;
  /**
   * How many past states are kept in memory; hundreds when left out, each of them the whole state. Blocks, transactions and
   * logs stay. With few of them a chain can grow large, but no longer be reorganised deeply.
   */
  statesKept?: number;
};

export type LocalChain = {
  readonly url: string;
  readonly port: number;
  readonly chainId: number;
  readonly pid: number;
  /** Settles with the reason when the chain ends, also by `stop`. */
  readonly exited: Promise<string>;
  /** Any JSON-RPC call. @throws RpcError with the node's message. */
  call<Result = unknown>(method: string, params?: readonly unknown[]): Promise<Result>;
  /** Mines `blocks` at once. */
  mine(blocks?: number): Promise<void>;
  /** Moves the clock forward and mines a block there. */
  increaseTime(seconds: bigint | number): Promise<void>;
  /** The next block's time, Unix seconds; later than the last block's. */
  setNextBlockTimestamp(timestamp: bigint | number): Promise<void>;
  setAutomine(on: boolean): Promise<void>;
  /** Seconds between blocks; 0 stops interval mining. */
  setIntervalMining(seconds: number): Promise<void>;
  /** Ends the chain, its state written first. */
  stop(): Promise<void>;
};

const startTimeoutMs = 30_000;
const stopTimeoutMs = 15_000;

/**
 * Starts a local chain (anvil) on 127.0.0.1 and waits until it answers. It ends with this process, except when this
 * process is killed outright.
 * @throws LocalChainError when there is no anvil for this machine, the port is taken, the state cannot be kept, or anvil
 * ends before it answers (with the last lines it wrote).
 * @example const chain = await startLocalChain(); await chain.mine(3); await chain.stop();
 */
export async function startLocalChain(options: LocalChainOptions = {}): Promise<LocalChain> {
  const { chainId = 31_337, stateFile, stateInterval = 5, blockTime, accounts = 40, statesKept } = options;
  const port = await claimPort(options.port ?? 0);
  const args = [
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--chain-id',
    String(chainId),
    '--accounts',
    String(accounts),
  ];
  args.push('--no-request-size-limit');
  if (statesKept !== undefined) args.push('--prune-history', String(statesKept));
  if (stateFile !== undefined) {
    await mkdir(dirname(stateFile), { recursive: true }).catch((cause: Error) => {
      throw new LocalChainError(`The local chain cannot keep its state in ${stateFile}: ${cause.message}.`, { cause });
    });
    args.push('--state', stateFile, '--state-interval', String(stateInterval));
  }
  const older = await openOlderStates(stateFile);
  args.push('--cache-path', older);
  const resumes = stateFile !== undefined && existsSync(stateFile);
  const genesis = await genesisTimeOf(stateFile, resumes, options.genesisTimestamp ?? wallClock());
  args.push('--timestamp', String(genesis));

  const child = spawn(anvilBinary(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  endWithParent(child, older);
  const said: string[] = [];
  const hear = (chunk: Buffer) => {
    said.push(
      ...chunk
        .toString()
        .split('\n')
        .filter((line) => line.trim() !== ''),
    );
    said.splice(0, said.length - 8);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`anvil could not be started: ${error.message}`));
    child.once('close', async (code, signal) => {
      await rm(older, { recursive: true, force: true }).catch(() => {});
      resolve(signal === null ? `anvil ended with exit code ${code}` : `anvil was ended by ${signal}`);
    });
  });

  const url = `http://127.0.0.1:${port}`;
  await untilAnswering(url, chainId, exited, said, () => void child.kill('SIGKILL'));
  const chain = { url, port, chainId, pid: child.pid!, exited, ...controls(url), stop: () => stopChain(child, exited) };
  // Its clock stands at block 0 until it is told; no block is mined before. Time never goes back behind the last block.
  if (resumes) {
    const last = await chain.call<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false]);
    const wanted = options.resumeTimestamp ?? wallClock();
    await chain.call('evm_setTime', [Number(wanted > BigInt(last.timestamp) ? wanted : BigInt(last.timestamp))]);
  }
  if (blockTime !== undefined) {
    await chain.setAutomine(false);
    await chain.setIntervalMining(blockTime);
  }
  return chain;
}

/**
 * A folder for the states of older blocks, which anvil takes out of its memory and forgets to remove when it is killed. A
 * chain that is kept has one beside its state, where the next start finds and empties it.
 */
async function openOlderStates(stateFile: string | undefined): Promise<string> {
  if (stateFile === undefined) return mkdtemp(join(tmpdir(), 'openledger-chain-'));
  const folder = `${stateFile}.older`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

const wallClock = () => BigInt(Math.floor(Date.now() / 1_000));

/**
 * The time of block 0, Unix seconds. anvil makes a block 0 anew at each start, beside the one in its state, and which of
 * the two it answers with is chance unless they are the same block: so the time is kept beside the state.
 */
async function genesisTimeOf(stateFile: string | undefined, resumes: boolean, fallback: bigint): Promise<bigint> {
  if (stateFile === undefined) return fallback;
  const file = `${stateFile}.genesis`;
  const kept = resumes ? await readFile(file, 'utf8').catch(() => undefined) : undefined;
  if (kept !== undefined && /^\d+\n$/.test(kept)) return BigInt(kept);
  await writeFile(file, `${fallback}\n`);
  return fallback;
}

function controls(
  url: string,
): Pick<LocalChain, 'call' | 'mine' | 'increaseTime' | 'setNextBlockTimestamp' | 'setAutomine' | 'setIntervalMining'> {
  const call = <Result>(method: string, params: readonly unknown[] = []) => rpc<Result>(url, method, params);
  const hex = (value: bigint | number) => `0x${value.toString(16)}`;
  return {
    call,
    mine: async (blocks = 1) => void (await call('anvil_mine', [hex(blocks)])),
    increaseTime: async (seconds) => {
      await call('evm_increaseTime', [hex(seconds)]);
      await call('evm_mine');
    },
    setNextBlockTimestamp: async (timestamp) => void (await call('evm_setNextBlockTimestamp', [hex(timestamp)])),
    setAutomine: async (on) => void (await call('evm_setAutomine', [on])),
    setIntervalMining: async (seconds) => void (await call('anvil_setIntervalMining', [seconds])),
  };
}

async function untilAnswering(
  url: string,
  chainId: number,
  exited: Promise<string>,
  last: readonly string[],
  kill: () => void,
): Promise<void> {
  let ended: string | undefined;
  void exited.then((reason) => {
    ended = reason;
  });
  const deadline = Date.now() + startTimeoutMs;
  while (ended === undefined && Date.now() < deadline) {
    const answer = await rpc<string>(url, 'eth_chainId').catch(() => undefined);
    if (answer !== undefined && Number(answer) === chainId) return;
    await sleep(50);
  }
  kill();
  const reason = ended ?? `anvil did not answer at ${url} within ${startTimeoutMs / 1_000} s`;
  throw new LocalChainError([`The local chain did not start: ${reason}.`, ...last].join('\n'));
}

async function stopChain(child: ChildProcess, exited: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // anvil writes its state on SIGINT and SIGTERM.
  child.kill('SIGTERM');
  const late = await Promise.race([exited.then(() => false), sleep(stopTimeoutMs, true, { ref: false })]);
  if (late) child.kill('SIGKILL');
  await exited;
}

/** @throws LocalChainError when the port is taken. */
async function claimPort(port: number): Promise<number> {
  const got = await portIfFree(port);
  if (got !== undefined) return got;
  throw new LocalChainError(
    `The local chain cannot use port ${port}: another program has it. Stop that one or choose another port.`,
  );
}
