import { once } from 'node:events';
import { contractAbis } from '@openledger/protocol/abi';
import type { Manifest } from '@openledger/protocol/deploy';
import postgres, { type Sql } from 'postgres';
import { type AbiEvent, type AbiParameter, decodeAbiParameters, type Hex, toEventSelector } from 'viem';

type Log = {
  address: Hex;
  topics: Hex[];
  data: Hex;
  blockNumber: Hex;
  transactionHash: Hex;
  logIndex: Hex;
};

type Decode = (log: Log) => { event: string; args: Record<string, unknown> };

/** Blocks asked for at once, and how many such questions are open at a time; the fastest of those tried. */
const span = 20n;
const inFlight = 4;

/**
 * What no indexer of these events can be faster than: fetches every log of the protocol, decodes it, and copies it into a
 * table like `activity`. Nothing else: no blocks, no state, no index but the primary key.
 *
 * The decoder is the fastest of those at hand (viem's, given the event by its topic: 8 µs an event; viem's and ethers' own
 * search of the ABI take 60 and 140).
 * @returns events and seconds.
 */
export async function measureLimit(rpcUrl: string, manifest: Manifest, databaseUrl: string) {
  const sql = postgres(databaseUrl, { max: 1 });
  try {
    await sql`create table limit_activity (
    id text primary key, chain_id bigint, block bigint, tx_hash text, log_index integer, contract text, event text, args jsonb
    )`;
    return await copyLogs(rpcUrl, manifest, sql);
  } finally {
    await sql.end();
  }
}

async function copyLogs(rpcUrl: string, manifest: Manifest, sql: Sql) {
  const decoders = decodersOf(manifest);
  const started = performance.now();
  const head = BigInt(await rpc<Hex>(rpcUrl, 'eth_blockNumber', []));
  const address = [...decoders.keys()];
  const fetchFrom = (from: bigint) =>
    rpc<Log[]>(rpcUrl, 'eth_getLogs', [{ address, fromBlock: quantity(from), toBlock: quantity(from + span - 1n) }]);

  const copy = await sql`copy limit_activity from stdin`.writable();
  let events = 0;
  let asked = manifest.startBlock;
  const open: Promise<Log[]>[] = [];
  const ask = () => {
    if (asked > head) return;
    open.push(fetchFrom(asked));
    asked += span;
  };
  for (let i = 0; i < inFlight; i++) ask();
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const logs = await next;
    ask();
    const lines = logs.map((log) => line(manifest.chainId, log, decoders));
    events += lines.length;
    if (lines.length > 0 && !copy.write(lines.join(''))) await once(copy, 'drain');
  }
  copy.end();
  await once(copy, 'finish');
  return { events, seconds: (performance.now() - started) / 1_000 };
}

function line(chainId: bigint, log: Log, decoders: ReadonlyMap<string, ReadonlyMap<string, Decode>>): string {
  const decode = decoders.get(log.address)?.get(log.topics[0] ?? '');
  if (decode === undefined) throw new Error(`${log.address} emitted an event that its ABI lacks: ${log.topics[0]}`);
  const { event, args } = decode(log);
  const json = JSON.stringify(args, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  const id = `${log.blockNumber}-${log.logIndex}`;
  const place = `${Number(log.blockNumber)}\t${log.transactionHash}\t${Number(log.logIndex)}\t${log.address}`;
  return `${id}\t${chainId}\t${place}\t${event}\t${json.includes('\\') ? json.replaceAll('\\', '\\\\') : json}\n`;
}

/** For each contract's address, how to read its events by their topic. */
function decodersOf(manifest: Manifest): Map<string, ReadonlyMap<string, Decode>> {
  const contracts = Object.entries(manifest.contracts).map(
    ([name, address]) => [address, contractAbis[name as keyof typeof contractAbis]] as const,
  );
  const wallets = manifest.vesting.map(({ address }) => [address, contractAbis.CliffVesting] as const);
  return new Map(
    [...contracts, ...wallets].map(([address, abi]) => [
      address,
      new Map(
        (abi as readonly { type: string }[])
          .filter((item): item is AbiEvent => item.type === 'event')
          .map((event) => [toEventSelector(event), decoderOf(event)] as const),
      ),
    ]),
  );
}

/** Indexed values stand in topics of 32 bytes, as they would at the head of encoded parameters. */
function decoderOf(event: AbiEvent): Decode {
  const indexed = event.inputs.filter((input) => input.indexed).map(asWord);
  const plain = event.inputs.filter((input) => !input.indexed);
  const order = [...indexed, ...plain].map(({ name }) => name ?? '');
  return ({ topics, data }) => {
    const words = `0x${topics
      .slice(1)
      .map((topic) => topic.slice(2))
      .join('')}` as const;
    const values = [
      ...(indexed.length > 0 ? decodeAbiParameters(indexed, words) : []),
      ...(plain.length > 0 ? decodeAbiParameters(plain, data) : []),
    ];
    return { event: event.name, args: Object.fromEntries(values.map((value, i) => [order[i], value])) };
  };
}

/** Text and the like are indexed by their hash. */
const asWord = (input: AbiParameter): AbiParameter =>
  /^(string|bytes|tuple)$|\]$/.test(input.type) ? { ...input, type: 'bytes32' } : input;

const quantity = (value: bigint) => `0x${value.toString(16)}`;

/** Without the checks and the timer of the chain's own client, which cost here. */
async function rpc<Result>(url: string, method: string, params: readonly unknown[]): Promise<Result> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const answer = (await response.json()) as { result?: Result; error?: { message: string } };
  if (answer.result === undefined) throw new Error(`${method}: ${answer.error?.message}`);
  return answer.result;
}
