import { type Ask, type Call, headOf, hex, type Log, NodeError, rangeOf } from './call.ts';

/** Which chain a provider believes in: what it says to a call, given a node that tells the truth. */
export type Outlook = { readonly name: string; answer(call: Call, ask: Ask): Promise<unknown> };

/** The chain as it is. */
export const truthful: Outlook = { name: 'truthful', answer: ({ method, params }, ask) => ask(method, params) };

/** A provider some blocks behind the others, at each moment. */
export const behind = (blocks: number): Outlook => ({
  name: 'behind',
  answer: async (call, ask) => seenFrom(Math.max(0, (await headOf(ask)) - blocks), call, ask),
});

/** A provider that has gone back to a block, and stays there. */
export const frozen = (head: number): Outlook => ({
  name: 'frozen',
  answer: async (call, ask) => seenFrom(Math.min(head, await headOf(ask)), call, ask),
});

/** A provider of another chain altogether. */
export const foreign = (name: string, ask: Ask): Outlook => ({
  name,
  answer: ({ method, params }) => ask(method, params),
});

const tags = ['latest', 'pending', 'safe', 'finalized'];

/** What a node says whose newest block is `head`. */
async function seenFrom(head: number, { method, params }: Call, ask: Ask): Promise<unknown> {
  const [first, ...others] = params;
  switch (method) {
    case 'eth_blockNumber':
      return hex(head);
    case 'eth_getBlockByNumber':
    case 'eth_getBlockReceipts': {
      if (isHash(first)) return (await reaches(head, first, ask)) ? ask(method, params) : null;
      const at = tags.includes(String(first)) ? hex(head) : String(first);
      return Number(at) > head ? null : ask(method, [at, ...others]);
    }
    case 'eth_getBlockByHash':
    case 'eth_getTransactionByHash':
    case 'eth_getTransactionReceipt': {
      const answer = await ask<unknown>(method, params);
      return within(head, answer) ? answer : null;
    }
    case 'eth_getLogs': {
      const range = rangeOf({ method, params }, head);
      if (range !== undefined) {
        if (range.from > head) return [];
        return ask(method, [
          { ...(first as object), fromBlock: hex(range.from), toBlock: hex(Math.min(range.to, head)) },
        ]);
      }
      const { blockHash } = first as { blockHash: string };
      if (!(await reaches(head, blockHash, ask))) throw unknownBlock();
      return ask(method, params);
    }
    default:
      return ask(method, params);
  }
}

const isHash = (what: unknown): what is string => typeof what === 'string' && what.length === 66;

/** Whether a chain that ends at `head` has a block. */
async function reaches(head: number, hash: string, ask: Ask): Promise<boolean> {
  const block = await ask<{ number: string } | null>('eth_getBlockByHash', [hash, false]);
  return block !== null && Number(block.number) <= head;
}

function within(head: number, answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return true;
  const { number, blockNumber = number } = answer as { number?: string; blockNumber?: string };
  return blockNumber === undefined || Number(blockNumber) <= head;
}

const unknownBlock = () => new NodeError(-32_000, 'unknown block');

type Transaction = { readonly hash: string };
type Receipt = { readonly transactionHash: string };
type Block = { readonly number: string; readonly hash: string; readonly transactions: readonly Transaction[] };

/** The newest blocks of a chain, with all that can be asked about them. */
export type Branch = {
  readonly first: number;
  readonly blocks: readonly {
    readonly block: Block;
    readonly logs: readonly Log[];
    readonly receipts: readonly Receipt[];
  }[];
};

/** Keeps the newest blocks, before they are reorganised away. */
export async function keepBranch(ask: Ask, depth: number): Promise<Branch> {
  const head = await headOf(ask);
  const first = Math.max(1, head - depth + 1);
  const numbers = Array.from({ length: head - first + 1 }, (_, i) => first + i);
  return {
    first,
    blocks: await Promise.all(
      numbers.map(async (number) => {
        const block = await ask<Block>('eth_getBlockByNumber', [hex(number), true]);
        return {
          block,
          logs: await ask<readonly Log[]>('eth_getLogs', [{ blockHash: block.hash }]),
          receipts: await ask<readonly Receipt[]>('eth_getBlockReceipts', [hex(number)]),
        };
      }),
    ),
  };
}

/** A provider that still believes in a branch that the others have left. */
export function forked({ first, blocks }: Branch): Outlook {
  const head = first + blocks.length - 1;
  const at = (number: number) => blocks[number - first];
  const by = (hash: unknown) => blocks.find(({ block }) => block.hash === hash);
  const shown = (block: Block, whole: unknown) =>
    whole === true ? block : { ...block, transactions: block.transactions.map(({ hash }) => hash) };
  const older = (answer: unknown) => (within(first - 1, answer) ? answer : null);

  const answer = async ({ method, params }: Call, ask: Ask): Promise<unknown> => {
    const [what, whole] = params;
    const number = tags.includes(String(what)) ? head : isHash(what) ? -1 : Number(what);
    switch (method) {
      case 'eth_blockNumber':
        return hex(head);
      case 'eth_getBlockByNumber': {
        if (number > head) return null;
        const kept = at(number);
        return kept === undefined ? ask(method, [hex(number), whole]) : shown(kept.block, whole);
      }
      case 'eth_getBlockByHash': {
        const kept = by(what);
        return kept === undefined ? older(await ask(method, params)) : shown(kept.block, whole);
      }
      case 'eth_getBlockReceipts': {
        const kept = by(what) ?? at(number);
        if (kept !== undefined) return kept.receipts;
        if (number > head || (isHash(what) && !(await reaches(first - 1, what, ask)))) return null;
        return ask(method, params);
      }
      case 'eth_getTransactionByHash': {
        const kept = blocks.flatMap(({ block }) => block.transactions).find(({ hash }) => hash === what);
        return kept ?? older(await ask(method, params));
      }
      case 'eth_getTransactionReceipt': {
        const kept = blocks.flatMap(({ receipts }) => receipts).find(({ transactionHash }) => transactionHash === what);
        return kept ?? older(await ask(method, params));
      }
      case 'eth_getLogs': {
        const filter = what as LogFilter & { blockHash?: string };
        const range = rangeOf({ method, params }, head);
        if (range === undefined) {
          const kept = by(filter.blockHash);
          if (kept !== undefined) return kept.logs.filter((log) => matches(log, filter));
          if (!(await reaches(first - 1, String(filter.blockHash), ask))) throw unknownBlock();
          return ask(method, params);
        }
        const common = { ...filter, fromBlock: hex(range.from), toBlock: hex(Math.min(range.to, first - 1)) };
        const before = range.from < first ? await ask<readonly Log[]>(method, [common]) : [];
        const kept = blocks.slice(Math.max(0, range.from - first), Math.max(0, range.to - first + 1));
        return [...before, ...kept.flatMap(({ logs }) => logs.filter((log) => matches(log, filter)))];
      }
      default:
        return ask(method, params);
    }
  };
  return { name: 'forked', answer };
}

type LogFilter = {
  readonly address?: string | readonly string[];
  readonly topics?: readonly (string | readonly string[] | null)[];
};

/** Whether a log is one that a filter asks for. Source: eth_getLogs in the Ethereum execution APIs. */
function matches(log: Log, { address, topics = [] }: LogFilter): boolean {
  const includes = (wanted: string | readonly string[] | null | undefined, found: string | undefined) =>
    wanted === undefined ||
    wanted === null ||
    [wanted].flat().length === 0 ||
    [wanted].flat().some((one) => one.toLowerCase() === found?.toLowerCase());
  return includes(address, log.address) && topics.every((wanted, i) => includes(wanted, log.topics[i]));
}
