import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { startIndexer } from '@openledger/indexer/testing';
import { type LocalChain, startLocalChain } from '@openledger/protocol/chain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askAt, headOf, hex, type NodeError } from './faults/call.ts';
import { createDice } from './faults/dice.ts';
import { type FaultKind, type FaultRates, faultKinds } from './faults/fault.ts';
import { type Ground, layGround } from './faults/ground.ts';
import { behind, foreign, forked, frozen, keepBranch, type Outlook } from './faults/outlook.ts';
import { drawPlan, outlookKinds, type Plan } from './faults/plan.ts';
import { type Provider, startProvider } from './faults/provider.ts';
import { readFaultOptions } from './faults/run.ts';
import { runSchedule } from './faults/schedule.ts';
import { copyIndexer } from './faults/wrong-indexer.ts';

// Providers fail, lie and disagree, chains are reorganised, machines are switched off. People are paid by what the index
// says all the same, so it has to be right after all of it; and the faults have to be real, or being right means nothing.

describe('a provider', () => {
  let chain: LocalChain;
  const emitter = `0x${'e'.repeat(40)}`;
  /** Emits one log without topics whenever it is called: PUSH0 PUSH0 LOG0. */
  const emitterCode = '0x5f5fa0';

  beforeAll(async () => {
    chain = await startLocalChain();
    await chain.setAutomine(false);
    await chain.call('anvil_setCode', [emitter, emitterCode]);
    for (let i = 0; i < 60; i++) await emit();
  });

  afterAll(async () => {
    await chain?.stop();
  });

  const emit = async () => {
    const [from] = await chain.call<string[]>('eth_accounts', []);
    await chain.call('eth_sendTransaction', [{ from, to: emitter, gas: '0xffff' }]);
    await chain.mine();
  };
  const everyLog = { address: emitter, fromBlock: '0x0', toBlock: 'latest' };
  const truth = askAt(() => chain.url);

  /** Does something with a provider that is sure to have one fault. */
  const withFault = (rates: FaultRates, act: (provider: Provider) => Promise<void>, name = 'test') =>
    withProvider(async (provider) => {
      provider.suffer(rates);
      await act(provider);
    }, name);
  const withProvider = async (act: (provider: Provider) => Promise<void>, name = 'test') => {
    const provider = await startProvider({ upstream: () => chain.url, dice: createDice(name) });
    try {
      await act(provider);
    } finally {
      await provider.stop();
    }
  };
  const post = (url: string, body: unknown) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const call = (method: string, ...params: unknown[]) => ({ jsonrpc: '2.0', id: 7, method, params });

  it('passes everything on as it is while nothing is wrong, alone and in batches, errors too', () =>
    withProvider(async ({ url, injected }) => {
      const questions = [
        call('eth_chainId'),
        { ...call('eth_getLogs', everyLog), id: 'b' },
        call('eth_getBlockByNumber', '0x5', true),
        call('eth_noSuchMethod'),
      ];
      const answers = async (at: string) => (await (await post(at, questions)).json()) as object[];
      expect(await answers(url)).toMatchObject(await answers(chain.url));
      const alone = async (at: string): Promise<unknown> => (await post(at, questions[1])).json();
      expect(await alone(url)).toEqual(await alone(chain.url));
      expect([...injected]).toEqual([['requests', 2]]);
    }));

  it('fails by HTTP status, and asks for patience with and without saying how much', async () => {
    await withFault({ status: 1 }, async ({ url }) => {
      const statuses = new Set<number>();
      for (let i = 0; i < 40; i++) statuses.add((await post(url, call('eth_chainId'))).status);
      expect([...statuses].sort()).toEqual([500, 502, 503]);
    });
    await withFault({ throttle: 1 }, async ({ url, injected }) => {
      const asked = new Set<string | null>();
      for (let i = 0; i < 40; i++) {
        const { status, headers } = await post(url, call('eth_chainId'));
        expect(status).toBe(429);
        asked.add(headers.get('retry-after'));
      }
      expect([...asked].sort()).toEqual(['1', null]);
      expect(injected.get('throttle')).toBe(40);
    });
  });

  it('drops connections, answers with half a JSON text, and refuses by JSON-RPC error', async () => {
    await withFault({ drop: 1 }, async ({ url }) => {
      for (let i = 0; i < 10; i++) await expect(post(url, call('eth_chainId'))).rejects.toThrow();
    });
    await withFault({ garble: 1 }, async ({ url }) => {
      for (let i = 0; i < 10; i++) {
        const text = await (await post(url, call('eth_chainId'))).text();
        expect(() => JSON.parse(text)).toThrow();
      }
    });
    await withFault({ internal: 1 }, async ({ url }) => {
      await expect(askAt(() => url)('eth_chainId', [])).rejects.toMatchObject({ code: -32_603 });
    });
    await withFault({ limit: 1 }, async ({ url }) => {
      const answers = await (await post(url, [call('eth_chainId'), call('eth_blockNumber')])).json();
      expect(answers).toMatchObject([{ error: { code: -32_005 } }, { error: { code: -32_005 } }]);
    });
  });

  it('answers late, or never until it stops', async () => {
    await withFault({ slow: 1 }, async ({ url }) => {
      const started = performance.now();
      for (let i = 0; i < 4; i++) expect((await post(url, call('eth_chainId'))).status).toBe(200);
      expect(performance.now() - started).toBeGreaterThan(500);
    });
    let outcome = 'waiting';
    const hanging = await startProvider({ upstream: () => chain.url, dice: createDice('test') });
    hanging.suffer({ hang: 1 });
    const request = post(hanging.url, call('eth_chainId')).then(
      () => (outcome = 'answered'),
      () => (outcome = 'ended'),
    );
    await expect.poll(() => hanging.injected.get('hang')).toBe(1);
    expect(outcome).toBe('waiting');
    await hanging.stop();
    await request;
    expect(outcome).toBe('ended');
  });

  it('caps what one question for logs may ask, in the words of real providers, and answers the smaller ones', () =>
    withFault({ cap: 1 }, async ({ url }) => {
      const ask = askAt(() => url);
      const refusals = new Set<string>();
      for (let i = 0; i < 20; i++) {
        await ask('eth_getLogs', [everyLog]).catch((error: NodeError) => refusals.add(error.message));
      }
      expect([...refusals].sort()).toEqual([
        'block range too large',
        expect.stringMatching(/^query exceeds limits, this block range should work: \[0x0, 0x27\]$/),
      ]);
      const [fromBlock, toBlock] = ['0x1', '0x14'];
      expect(await ask('eth_getLogs', [{ ...everyLog, fromBlock, toBlock }])).toHaveLength(20);
    }));

  it('leaves logs and receipts out without a word', () =>
    withFault({ truncate: 1 }, async ({ url }) => {
      const ask = askAt(() => url);
      const whole = await truth<unknown[]>('eth_getLogs', [everyLog]);
      for (let i = 0; i < 10; i++) {
        const told = await ask<unknown[]>('eth_getLogs', [everyLog]);
        expect(told.length).toBeLessThan(whole.length);
        expect(told).toEqual(whole.slice(0, told.length));
      }
      expect(await ask('eth_getBlockReceipts', ['0x3'])).toEqual([]);
    }));

  const seenBy = async (outlook: Outlook, look: (ask: ReturnType<typeof askAt>) => Promise<void>) =>
    withProvider(async (provider) => {
      provider.believe(outlook);
      await look(askAt(() => provider.url));
      expect(provider.injected.get(outlook.name)).toBeGreaterThan(0);
    });

  it('lags behind, or has gone back, in every answer that tells', async () => {
    const head = await headOf(truth);
    const newest = await truth<{ hash: string }>('eth_getBlockByNumber', ['latest', false]);
    for (const outlook of [behind(5), frozen(head - 5)]) {
      await seenBy(outlook, async (ask) => {
        expect(await headOf(ask)).toBe(head - 5);
        expect(await ask('eth_getBlockByNumber', ['latest', false])).toMatchObject({ number: hex(head - 5) });
        expect(await ask('eth_getBlockByNumber', [hex(head), false])).toBeNull();
        expect(await ask('eth_getBlockByHash', [newest.hash, false])).toBeNull();
        expect(await ask('eth_getBlockReceipts', [newest.hash])).toBeNull();
        await expect(ask('eth_getLogs', [{ blockHash: newest.hash }])).rejects.toThrow('unknown block');
        const logs = await ask<{ blockNumber: string }[]>('eth_getLogs', [everyLog]);
        expect(Number(logs.at(-1)!.blockNumber)).toBeLessThanOrEqual(head - 5);
        const later = { ...everyLog, fromBlock: hex(head - 4), toBlock: hex(head) };
        expect(await ask('eth_getLogs', [later])).toEqual([]);
      });
    }
  });

  it('stays on a branch that the others have left, whole and in itself consistent', async () => {
    for (let i = 0; i < 6; i++) await emit();
    const left = await truth<{ hash: string; number: string }>('eth_getBlockByNumber', ['latest', true]);
    const logs = await truth<unknown[]>('eth_getLogs', [everyLog]);
    const outlook = forked(await keepBranch(truth, 4));
    await chain.call('anvil_reorg', [4, []]);
    await emit();
    const now = await truth<{ hash: string }>('eth_getBlockByNumber', [left.number, false]);
    expect(now.hash).not.toBe(left.hash);
    await seenBy(outlook, async (ask) => {
      expect(await ask('eth_getBlockByNumber', ['latest', true])).toEqual(left);
      expect(await ask('eth_getBlockByHash', [left.hash, true])).toEqual(left);
      expect(await ask('eth_getBlockByHash', [now.hash, false])).toBeNull();
      expect(await ask('eth_getLogs', [everyLog])).toEqual(logs);
      expect(await ask('eth_getLogs', [{ blockHash: left.hash, address: emitter }])).toEqual(logs.slice(-1));
      expect(await ask('eth_getBlockReceipts', [left.hash])).toMatchObject([{ blockHash: left.hash }]);
    });
  });

  it('is of another chain altogether', async () => {
    const other = await startLocalChain({ chainId: 99 });
    try {
      await seenBy(
        foreign(
          'foreign',
          askAt(() => other.url),
        ),
        async (ask) => {
          expect(await ask('eth_chainId', [])).toBe('0x63');
        },
      );
    } finally {
      await other.stop();
    }
  });

  it('shows a change all at once', () =>
    withProvider(async (provider) => {
      const before = await headOf(truth);
      let asked: Promise<number> = Promise.resolve(0);
      await provider.during(async () => {
        asked = headOf(askAt(() => provider.url));
        for (let i = 0; i < 5; i++) await chain.mine();
      });
      expect(await asked).toBe(before + 5);
    }));

  it('has the same faults again for the same seed and questions, and others for another', async () => {
    const faultsOf = async (seed: string) => {
      const seen: string[] = [];
      const onFault = (kind: FaultKind, method: string) => seen.push(`${kind} ${method}`);
      const provider = await startProvider({ upstream: () => chain.url, dice: createDice(seed), onFault });
      provider.suffer({ status: 0.2, garble: 0.2, throttle: 0.1, internal: 0.2, truncate: 0.3, cap: 0.3 });
      for (let i = 0; i < 60; i++) {
        const question = i % 3 === 0 ? call('eth_chainId') : call('eth_getLogs', everyLog);
        await post(provider.url, i % 5 === 0 ? [question, question] : question);
      }
      await provider.stop();
      return seen;
    };
    const first = await faultsOf('1');
    expect(new Set(first.map((fault) => fault.split(' ')[0])).size).toBe(6);
    expect(await faultsOf('1')).toEqual(first);
    expect(await faultsOf('2')).not.toEqual(first);
  });
});

describe('a plan', () => {
  it('follows from its seed alone, can be written down, and leaves out what it is told to and nothing else', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const plan = drawPlan(seed);
      expect(JSON.parse(JSON.stringify(drawPlan(seed)))).toEqual(plan);
      const calm = drawPlan(seed, [...faultKinds, ...outlookKinds]);
      const others = ({ steps }: Plan) => steps.filter((step) => step.do !== 'suffer' && step.do !== 'believe');
      const unforked = others(plan).map((step) => ({ ...step, left: undefined }));
      expect(others(calm).map((step) => ({ ...step, left: undefined }))).toEqual(unforked);
      expect(calm.steps.every((step) => step.do !== 'suffer' || Object.keys(step.rates).length === 0)).toBe(true);
    }
  });

  it('has, in fifty, everything that can go wrong', () => {
    const steps = Array.from({ length: 50 }, (_, i) => drawPlan(i + 1).steps).flat();
    const rates = steps.flatMap((step) => (step.do === 'suffer' ? Object.keys(step.rates) : []));
    expect([...new Set(rates)].sort()).toEqual([...faultKinds].sort());
    const outlooks = steps.flatMap((step) => (step.do === 'believe' ? [step.outlook] : []));
    expect([...new Set(outlooks), 'forked'].sort()).toEqual([...outlookKinds].sort());
    const depths = steps.flatMap((step) => (step.do === 'reorganise' ? [step.depth] : []));
    expect([Math.min(...depths), Math.max(...depths)]).toEqual([1, 25]);
    for (const blow of ['kill', 'stop', 'drop database', 'reset chain']) {
      expect(steps.filter((step) => step.do === blow).length).toBeGreaterThan(3);
    }
    expect(steps.some((step) => step.do === 'reorganise' && step.left !== undefined)).toBe(true);
  });
});

describe('npm run verify -- index --seeds', () => {
  it('says what is wrong with its arguments', async () => {
    expect(readFaultOptions([])).toBeUndefined();
    expect(readFaultOptions(['--seeds', '5', '--first', '9', '--without', 'hang,forked'])).toEqual({
      seeds: 5,
      first: 9,
      without: ['hang', 'forked'],
    });
    const wrong = (...args: string[]) => expect(() => readFaultOptions(args));
    wrong('--seeds', 'many').toThrow('--seeds is many: it must be a whole number from 1 to 10000.');
    wrong('--seeds', '0').toThrow('--seeds is 0');
    wrong('--seeds').toThrow('--seeds needs a value after it.');
    wrong('--first', '3').toThrow('--seeds is missing');
    wrong('--seed', '3').toThrow('--seed is unknown: there are --seeds, --first, --without.');
    wrong('--seeds', '1', '--without', 'rain').toThrow('--without is rain, which is no fault: there are status, drop');
    const program = join(import.meta.dirname, 'verify.ts');
    const said = await new Promise<string>((resolve) => {
      execFile(process.execPath, [program, 'index', '--seeds', 'x'], (error, _, stderr) => {
        resolve(`${error?.code} ${stderr}`);
      });
    });
    expect(said).toBe('1 --seeds is x: it must be a whole number from 1 to 10000.\n');
  });
});

describe('the index', () => {
  let ground: Ground;

  beforeAll(async () => {
    ground = await layGround();
  }, 120_000);

  afterAll(async () => {
    await ground?.stop();
  });

  it.each([1, 2, 3, 4, 5])('is right in every row after the faults of schedule %i', async (seed) => {
    const { differences, first, failures, events } = await runSchedule({ ground, plan: drawPlan(seed) });
    expect({ differences, first, failures }).toEqual({ differences: 0, first: undefined, failures: [] });
    expect(events).toBeGreaterThan(100);
  }, 300_000);

  it('is found wrong where one handler is, by table and column', async () => {
    const wrong = await copyIndexer({
      file: 'src/handlers/reward-distributor.ts',
      // What an account has claimed in all is in the event; this adds it up once more.
      line: '=> ({ claimed: cumulative,',
      instead: '=> ({ claimed: row.claimed + cumulative,',
    });
    try {
      const plan: Plan = { seed: 0, providers: 1, steps: [{ do: 'traffic', scenes: 10 }, { do: 'start' }] };
      const launch = (env: Record<string, string>) => startIndexer(env, wrong.command);
      const { differences, first, failures } = await runSchedule({ ground, plan, launch });
      expect(failures).toEqual([]);
      expect(differences).toBeGreaterThan(0);
      expect(first).toMatchObject({ table: 'reward_account', column: 'claimed' });
    } finally {
      await wrong.remove();
    }
  }, 120_000);
});
