import { chainTables } from '@openledger/db/chain';
import * as fc from 'fast-check';
import { manifest } from '../client.ts';
import { address, CHAIN_ID, hash, INDEXED, type Rows } from '../world.ts';

/** Something that happens in a random world; what its numbers mean depends on the kind. */
export type Happening = {
  readonly kind: (typeof kinds)[number];
  readonly at: bigint;
  readonly a: number;
  readonly b: number;
  readonly amount: bigint;
};
const kinds = [
  'act',
  'submit',
  'decide',
  'model',
  'version',
  'deploy',
  'undeploy',
  'infer',
  'attribute',
  'operator',
  'transfer',
  'release',
  'claim',
] as const;

const DAY = 86_400n;
/** Where mistakes hide: midnights, Mondays, turns of month and year, ISO week 53, the last block. */
const edges = [
  '2026-10-01T00:00:00Z',
  '2026-10-31T23:59:59Z',
  '2026-11-01T00:00:00Z',
  '2026-11-30T23:59:59Z',
  '2026-12-27T23:59:59Z',
  '2026-12-28T00:00:00Z',
  '2026-12-31T23:59:59Z',
  '2027-01-01T00:00:00Z',
  '2027-01-03T23:59:59Z',
  '2027-01-04T00:00:00Z',
  '2027-01-14T23:59:59Z',
  '2027-01-15T00:00:00Z',
].map((iso) => BigInt(Date.parse(iso) / 1000));
const START = edges[0]! - 3n * DAY;
const time = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...edges, INDEXED.timestamp) },
  { weight: 3, arbitrary: fc.bigInt({ min: START, max: INDEXED.timestamp }) },
  // Close together, so that there are full-time developers and short runs.
  { weight: 3, arbitrary: fc.bigInt({ min: INDEXED.timestamp - 40n * DAY, max: INDEXED.timestamp }) },
);

export const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds, 'act', 'submit', 'infer', 'decide'),
    at: time,
    a: fc.nat({ max: 5 }),
    b: fc.nat({ max: 5 }),
    amount: fc.oneof(fc.constantFrom(0n, 1n, 2n ** 200n - 1n), fc.bigInt({ min: 0n, max: 10n ** 20n })),
  }),
  { maxLength: 160, size: 'max' },
);

export const OPEN = manifest.contracts.Open!;
const roles = ['builder', 'contributor', 'datanet_owner', 'validator', 'worker', 'payer', 'voter'];
const workers = [address(10), address(11)];

type Table = keyof Rows;
type Row<T extends Table> = Rows[T][number];
export type Played = { [T in Table]: Row<T>[] };

/** Plays what happens in the order of time, and keeps every table and rollup as the indexer does. */
export function play(all: readonly Happening[]): Played {
  const rows = Object.fromEntries(Object.keys(chainTables).map((name) => [name, []])) as unknown as Played;
  const ordered = [...all].sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  const rollups = new Map<string, Record<string, unknown>>();
  const standing = new Set<string>();

  const bump = (table: 'protocol' | 'datanet' | 'model', at: bigint, key: object, more: Record<string, bigint>) => {
    for (const [grain, length] of [
      ['Hour', 3600n],
      ['Day', DAY],
    ] as const) {
      const bucket = at - (at % length);
      const name = `${table}${grain}` as 'protocolHour';
      const id = `${name} ${bucket} ${Object.values(key)}`;
      let row = rollups.get(id);
      if (!row) {
        row = { ...zeros[table], ...key, bucket };
        rollups.set(id, row);
        rows[name].push(row as Row<'protocolHour'>);
      }
      for (const [column, by] of Object.entries(more)) {
        const before = row[column] ?? 0;
        row[column] = typeof before === 'bigint' ? before + by : Number(before) + Number(by);
      }
    }
  };

  ordered.forEach(({ kind, at, a, b, amount }, n) => {
    const block = BigInt(n + 1);
    const id = `${at}${CHAIN_ID.toString().padStart(16, '0')}${block.toString().padStart(16, '0')}${'0'.repeat(16)}5${'0'.repeat(16)}`;
    const provenance = { createdBlock: block, createdAt: at, createdTx: hash(n), updatedBlock: block, updatedAt: at };
    const event = { id, block, timestamp: at, txHash: hash(n) };
    const account = address(1 + a);
    const datanetId = BigInt(1 + (b % 3));
    const modelId = BigInt(1 + (b % 3));
    const worker = workers[a % 2]!;
    const log = (contractName: string, name: string, subjectType: string, subjectId: string, args: object = {}) =>
      rows.activity.push({
        ...event,
        chainId: CHAIN_ID,
        logIndex: 0,
        contract: address(100),
        contractName,
        event: name,
        actor: account,
        subjectType,
        subjectId,
        args: args as never,
      });
    const act = (who: string, role: string) => {
      const day = at - (at % DAY);
      const known = rows.accountRoleDay.find((row) => row.account === who && row.role === role && row.day === day);
      if (known) known.events += 1;
      else rows.accountRoleDay.push({ account: who as never, role, day, events: 1 });
    };

    if (kind === 'act') act(account, roles[b % roles.length]!);
    if (kind === 'submit') {
      act(account, 'contributor');
      rows.contribution.push({
        id: BigInt(rows.contribution.length + 1),
        datanetId,
        contributor: account,
        relayer: account,
        contentHash: hash(n),
        uri: '',
        licenseId: hash(7),
        rows: amount,
        bond: 0n,
        status: 'pending',
        score: 0n,
        attributed: 0n,
        ...provenance,
      });
      bump('protocol', at, {}, { contributionsSubmitted: 1n });
      bump('datanet', at, { datanetId }, { submitted: 1n });
    }
    if (kind === 'decide') {
      const pending = rows.contribution.find(({ status }) => status === 'pending');
      if (!pending) return;
      pending.status = b % 3 === 0 ? 'rejected' : 'accepted';
      const is = pending.status === 'accepted';
      log('DatanetRegistry', is ? 'ContributionAccepted' : 'ContributionRejected', 'contribution', String(pending.id));
      const given = is ? pending.rows : 0n;
      bump('protocol', at, {}, { [is ? 'contributionsAccepted' : 'contributionsRejected']: 1n, rowsAccepted: given });
      const more = { [is ? 'accepted' : 'rejected']: 1n, rowsAccepted: given };
      bump('datanet', at, { datanetId: pending.datanetId }, more);
    }
    if (kind === 'model' || kind === 'version' || kind === 'deploy' || kind === 'infer') {
      if (!rows.model.some((row) => row.id === modelId)) {
        rows.model.push({
          id: modelId,
          owner: address(1 + (b % 3)),
          baseModelId: hash(42),
          name: '',
          uri: '',
          status: 'active',
          inPer1k: 0n,
          outPer1k: 0n,
          inferences: 0n,
          inTokens: 0n,
          outTokens: 0n,
          fees: 0n,
          ...provenance,
        });
        bump('protocol', at, {}, { modelsRegistered: 1n });
      }
    }
    if (kind === 'version') {
      const version = 1 + rows.modelVersion.filter((row) => row.modelId === modelId).length;
      rows.modelVersion.push({
        modelId,
        version,
        adapterHash: hash(n),
        adapterUri: '',
        manifestHash: hash(n),
        rank: 8,
        ...provenance,
      });
      bump('protocol', at, {}, { modelVersions: 1n });
      bump('model', at, { modelId }, { versions: 1n });
    }
    if (kind === 'deploy' || kind === 'undeploy') {
      const key = `${modelId} ${worker}`;
      if (standing.has(key) === (kind === 'deploy')) return;
      standing[kind === 'deploy' ? 'add' : 'delete'](key);
      log('ModelRegistry', kind === 'deploy' ? 'AdapterDeployed' : 'AdapterUndeployed', 'model', String(modelId));
      const more = { [kind === 'deploy' ? 'deployments' : 'undeployments']: 1n };
      bump('protocol', at, {}, more);
      bump('model', at, { modelId }, more);
    }
    if (kind === 'infer') {
      const [inTokens, outTokens] = [BigInt(a * 100), BigInt(b)];
      rows.inference.push({
        requestId: hash(n),
        eventId: id,
        modelId,
        worker,
        payer: account,
        version: 1,
        inTokens,
        outTokens,
        fee: amount,
        outputHash: hash(n),
        platformFee: 0n,
        modelFee: 0n,
        workerFee: 0n,
        stakersFee: 0n,
        contributorsFee: 0n,
        attributionStatus: 'none',
        ...provenance,
      });
      const more = { inferences: 1n, inTokens, outTokens, fees: amount };
      bump('protocol', at, {}, more);
      bump('model', at, { modelId }, more);
    }
    if (kind === 'attribute') {
      const answer = rows.inference.at(-1 - b);
      const source = rows.contribution.at(-1 - a);
      if (!answer || !source) return;
      const batchId = BigInt(n);
      const status = (['final', 'final', 'posted', 'revoked'] as const)[a % 4]!;
      rows.attributionBatch.push({
        id: batchId,
        worker,
        algorithmId: hash(90),
        root: hash(n),
        evidenceHash: hash(n),
        uri: '',
        requests: 1,
        challengeDeadline: at,
        status: status === 'final' ? 'finalized' : status,
        attributed: amount,
        unattributed: 0n,
        closedAt: status === 'posted' ? null : at,
        ...provenance,
      });
      rows.attribution.push({
        batchId,
        requestId: answer.requestId,
        contributionId: source.id,
        modelId: answer.modelId,
        datanetId: source.datanetId,
        contributor: source.contributor,
        amount,
        sharePpm: 0,
        status,
        ...provenance,
      });
      if (status !== 'final') return;
      bump('protocol', at, {}, { attributed: amount });
      bump('datanet', at, { datanetId: source.datanetId }, { attributed: amount });
      bump('model', at, { modelId: answer.modelId }, { attributed: amount });
      const known = rows.rewardAccount.find((row) => row.account === source.contributor);
      if (known) known.attributed += amount;
      else
        rows.rewardAccount.push({
          account: source.contributor,
          attributed: amount,
          claimed: 0n,
          claims: 0,
          ...provenance,
        });
    }
    if (kind === 'operator') {
      log('ModelRegistry', 'WorkerRegistered', 'worker', worker, { worker, operator: address(1 + b), endpoint: '' });
    }
    if (kind === 'transfer') {
      rows.tokenTransfer.push({
        ...event,
        token: a === 5 ? address(999) : OPEN,
        from: address(1 + b),
        to: account,
        amount,
      });
    }
    if (kind === 'release') {
      const wallet = address(300 + (b % 2));
      if (!rows.vestingWallet.some((row) => row.address === wallet)) {
        rows.vestingWallet.push({
          address: wallet,
          beneficiary: address(1 + (b % 2)),
          name: '',
          start: 0n,
          cliff: 0n,
          end: 0n,
          allocation: 0n,
          released: 0n,
          releases: 0,
          ...provenance,
        });
      }
      rows.vestingRelease.push({ ...event, wallet, token: a === 5 ? address(999) : OPEN, amount });
    }
    if (kind === 'claim') {
      rows.claim.push({ ...event, account, amount, cumulative: amount });
      bump('protocol', at, {}, { claims: 1n, claimed: amount });
    }
  });
  return rows;
}

const tokens = { inTokens: 0n, outTokens: 0n, fees: 0n, attributed: 0n, unattributed: 0n };
const zeros = {
  protocol: { ...tokens, rowsAccepted: 0n, claimed: 0n, deposited: 0n, staked: 0n, slashed: 0n },
  datanet: { rowsAccepted: 0n, attributed: 0n },
  model: tokens,
};
