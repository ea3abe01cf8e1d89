import { setTimeout as wait } from 'node:timers/promises';
import type { Hex } from 'viem';
import { RpcFault } from './fault.ts';
import { type Call, createNode, type Node } from './node.ts';

export type RpcLog = (message: string, details: Record<string, unknown>) => void;

export type NodesOptions = {
  readonly urls: readonly string[];
  readonly chainId: bigint;
  /** Hash of block 0, where it is known; otherwise the first node's counts. */
  readonly genesisHash?: Hex | undefined;
  readonly log?: RpcLog;
  /** Milliseconds for one answer of one node. */
  readonly timeout?: number;
  /** Milliseconds to go on trying all of them before a question counts as unanswerable. */
  readonly patience?: number;
  /** Questions to one node at a time. */
  readonly concurrency?: number;
};

/** How one node is doing. */
export type NodeStatus = {
  readonly origin: string;
  /** `foreign`: it is on another chain and never asked. */
  readonly state: 'up' | 'down' | 'foreign' | 'unknown';
  readonly faults: number;
  readonly lastFault: string | undefined;
};

type Accept<answer> = (answer: unknown, node: Node) => answer | Promise<answer>;
type AcceptAll<answer> = (answers: readonly unknown[], node: Node) => readonly answer[];

/** Several nodes of one chain, asked as one. */
export type Nodes = {
  /**
   * Asks one node after another, the one that answered last first, until `accept` takes an answer; what it throws is that
   * node's fault. @throws RpcFault the last one, when no node gave an acceptable answer for as long as patience lasts.
   */
  ask: <answer>(call: Call, accept: Accept<answer>) => Promise<answer>;
  /** As `ask`, for several questions in one request; the list is accepted or refused as a whole. */
  askMany: <answer>(calls: readonly Call[], accept: AcceptAll<answer>) => Promise<readonly answer[]>;
  /** Asks every node once, at the same time; what failed is left out. */
  askAll: <answer>(call: Call, accept: Accept<answer>) => Promise<readonly answer[]>;
  /**
   * What every node says that claims this chain id, even if it begins with another block 0: for who has to see that the
   * chain itself has changed, which from the inside looks like nodes that are all foreign. Who fails is asked again, until
   * all have answered, `enough` is satisfied, or patience ends; a node of another chain has nothing to say.
   * @throws RpcFault when none answered at all.
   */
  survey: <answer>(
    call: Call,
    read: (answer: unknown) => answer,
    enough: (answers: readonly answer[]) => boolean,
  ) => Promise<readonly answer[]>;
  status: () => readonly NodeStatus[];
};

type Member = {
  readonly node: Node;
  identity: 'unknown' | 'ours' | 'foreign';
  /** `performance.now()` until which it is asked only when all others failed. */
  restingUntil: number;
  failures: number;
  faults: number;
  lastFault: string | undefined;
  /** Of the last question. */
  works: boolean | undefined;
  inFlight: number;
  readonly queue: (() => void)[];
};

/** The chain's id, and its block 0. */
const whoAreYou = [
  { method: 'eth_chainId', params: [] },
  { method: 'eth_getBlockByNumber', params: ['0x0', false] },
] as const satisfies readonly Call[];

/** What is asked for by a hash and checked against it cannot be of another chain. */
const provesItself = ({ method, params }: Call): boolean =>
  method === 'eth_getBlockByHash' ||
  method === 'eth_getBlockReceipts' ||
  (method === 'eth_getLogs' && (params[0] as { blockHash?: Hex }).blockHash !== undefined);

/** Milliseconds that a survey waits for nodes that fail. */
const surveyAtMost = 20_000;

const longestRest = 15_000;
/** Rounds in which a block must be missing everywhere: a balancer's nodes are not all at the same block. */
const looks = 4;

export const createNodes = (options: NodesOptions): Nodes => {
  const { urls, chainId, timeout = 4_000, patience = 20_000, concurrency = 8, log = () => {} } = options;
  const members = [...new Set(urls)].map(
    (url): Member => ({
      node: createNode(url, timeout),
      identity: 'unknown',
      restingUntil: 0,
      failures: 0,
      faults: 0,
      lastFault: undefined,
      works: undefined,
      inFlight: 0,
      queue: [],
    }),
  );
  let preferred = members[0];
  let expected = options.genesisHash;

  const withSlot = async <result>(member: Member, act: () => Promise<result>): Promise<result> => {
    if (member.inFlight >= concurrency) await new Promise<void>((resolve) => member.queue.push(resolve));
    member.inFlight++;
    try {
      return await act();
    } finally {
      member.inFlight--;
      member.queue.shift()?.();
    }
  };

  /** @throws RpcFault foreign. A node that keeps only recent blocks has no block 0, and is known by its chain id alone. */
  const recognize = (member: Member, id: unknown, block: unknown) => {
    const found = BigInt(String(id));
    const genesis = (block as { hash?: Hex } | null)?.hash;
    expected ??= found === chainId ? genesis : undefined;
    const isOther = genesis !== undefined && expected !== undefined && genesis !== expected;
    const isOurs = found === chainId && !isOther;
    const before = member.identity;
    member.identity = isOurs ? 'ours' : 'foreign';
    if (isOurs) return;
    const because = found === chainId ? 'its block 0 is another one' : `it is chain ${found}`;
    const node = member.node.origin;
    if (before !== 'foreign')
      log('A node is on another chain and is left out', { node, because, chainId: String(chainId) });
    throw new RpcFault('foreign', `${node} is on another chain than ${chainId}: ${because}`);
  };

  /** Behind a URL another chain may come up at any time, so a node says who it is along with whatever else it is asked. */
  const question = async (member: Member, calls: readonly Call[]): Promise<readonly unknown[]> => {
    if (calls.every(provesItself)) return (await member.node.askMany(calls)).map(settledValue);
    const outcomes = await member.node.askMany([...calls, ...whoAreYou]);
    recognize(member, settledValue(outcomes.at(-2)), settledValue(outcomes.at(-1)));
    return outcomes.slice(0, calls.length).map(settledValue);
  };

  const attempt = async <answer>(member: Member, act: () => Promise<answer>): Promise<answer> => {
    try {
      const answer = await withSlot(member, act);
      if (member.failures > 2) log('A node answers again', { node: member.node.origin });
      member.failures = 0;
      member.restingUntil = 0;
      member.works = true;
      return answer;
    } catch (error) {
      const fault = error instanceof RpcFault ? error : new RpcFault('failed', String(error), { cause: error });
      blame(member, fault);
      throw fault;
    }
  };

  const blame = (member: Member, fault: RpcFault) => {
    // That a node has no such method, wants smaller ranges, or lacks a block that was taken back, is no illness.
    if (fault.kind === 'unsupported' || fault.kind === 'refused' || fault.kind === 'gone') return;
    member.works = false;
    member.failures++;
    member.faults++;
    member.lastFault = fault.message;
    const rest = fault.retryAfter ?? 100 * 2 ** Math.min(member.failures, 8);
    member.restingUntil = performance.now() + (fault.kind === 'foreign' ? longestRest : Math.min(rest, longestRest));
    if (member === preferred) preferred = undefined;
    if (member.failures === 3)
      log('A node fails again and again', { node: member.node.origin, because: fault.message });
  };

  /** The one that answered last, then the others as they are listed; those that rest come last, the most rested first. */
  const inOrder = (): readonly Member[] => {
    const now = performance.now();
    const resting = (member: Member) => Math.max(0, member.restingUntil - now);
    return [
      ...(preferred === undefined ? [] : [preferred]),
      ...members.filter((member) => member !== preferred),
    ].toSorted((a, b) => resting(a) - resting(b));
  };

  const persist = async <answer>(what: string, act: (member: Member) => Promise<answer>): Promise<answer> => {
    const deadline = performance.now() + patience;
    let last: RpcFault | undefined;
    for (let round = 0; ; round++) {
      let gone = 0;
      for (const member of inOrder()) {
        if (round > 0 || members.length > 1) {
          const left = member.restingUntil - performance.now();
          // Alone it is worth waiting for; beside others it waits for its turn.
          if (left > 0 && members.some((other) => other.restingUntil < member.restingUntil)) continue;
          if (left > 0) await wait(Math.min(left, Math.max(0, deadline - performance.now())));
        }
        try {
          const answer = await attempt(member, () => act(member));
          preferred = member;
          return answer;
        } catch (error) {
          last = error as RpcFault;
          if (last.kind === 'refused') throw last;
          if (last.kind === 'gone') gone++;
        }
      }
      const allUnsupported = last?.kind === 'unsupported';
      const isGone = gone === members.length && round >= looks;
      if (allUnsupported || isGone || performance.now() >= deadline) {
        throw last ?? new RpcFault('unavailable', `no node of chain ${chainId} answered ${what}`);
      }
      await wait(Math.min(50 * 2 ** Math.min(round, 5), 1_000));
    }
  };

  const each = async <answer>(act: (member: Member) => Promise<answer>): Promise<readonly answer[]> => {
    const outcomes = await Promise.allSettled(members.map(act));
    return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  };

  return {
    ask: (call, accept) =>
      persist(call.method, async (member) => accept((await question(member, [call]))[0], member.node)),
    askMany: (calls, accept) =>
      persist(calls[0]?.method ?? 'nothing', async (member) => accept(await question(member, calls), member.node)),
    askAll: (call, accept) =>
      each(async (member) => attempt(member, async () => accept((await question(member, [call]))[0], member.node))),
    survey: async (call, read, enough) => {
      const deadline = performance.now() + Math.min(patience, surveyAtMost);
      const said = new Map<Member, readonly ReturnType<typeof read>[]>();
      const answers = () => [...said.values()].flat();
      const hear = async (member: Member) => {
        const [id, answer] = (await member.node.askMany([whoAreYou[0], call])).map(settledValue);
        said.set(member, BigInt(String(id)) === chainId ? [read(answer)] : []);
      };
      for (;;) {
        const silent = members.filter((member) => !said.has(member));
        await firstOrAll(silent.map(hear), () => enough(answers()));
        if (said.size === members.length || enough(answers())) return answers();
        if (performance.now() >= deadline) break;
        await wait(250);
      }
      if (answers().length > 0) return answers();
      throw new RpcFault('unavailable', `no node of chain ${chainId} answered ${call.method}`);
    },
    status: () =>
      members.map(({ node, identity, works, faults, lastFault }) => ({
        origin: node.origin,
        state: identity === 'foreign' ? 'foreign' : works === undefined ? 'unknown' : works ? 'up' : 'down',
        faults,
        lastFault,
      })),
  };
};

/** Ends with the last of some tasks, or with the first after which `isEnough`; what fails is passed over. */
const firstOrAll = (tasks: readonly Promise<void>[], isEnough: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    let open = tasks.length;
    if (open === 0) resolve();
    for (const task of tasks) {
      void task
        .then(
          () => isEnough() && resolve(),
          () => {},
        )
        .then(() => --open === 0 && resolve());
    }
  });

const settledValue = (outcome: PromiseSettledResult<unknown> | undefined): unknown => {
  if (outcome?.status === 'fulfilled') return outcome.value;
  throw outcome?.reason ?? new RpcFault('unavailable', 'an answer is missing from a batch');
};
