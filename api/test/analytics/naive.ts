import type { MetricName } from '../../src/analytics/catalogue.ts';
import { OPEN, type Played } from './play.ts';

export type Interval = 'HOUR' | 'DAY' | 'WEEK' | 'MONTH';
export type Group = 'NONE' | 'DATANET' | 'MODEL' | 'ROLE' | 'ACCOUNT';
type Key = string | null;
/** One bucket as a metric sees it: from its start to before its end, those before it, and now. Unix seconds. */
export type Place = { s: bigint; e: bigint; before: (k: number) => { s: bigint; e: bigint }; now: bigint };
/** Metric by metric: its value, or its numerator and denominator, in one bucket and group, by looking at every row. */
type Naive = (rows: Played, at: Place, by: Group, key: Key) => bigint | [bigint, bigint];

const DAY = 86_400n;
const inside = (time: bigint, { s, e }: { s: bigint; e: bigint }) => time >= s && time < e;
const is = (key: Key, value: unknown) => key === null || key === String(value);
const count = (rows: readonly unknown[]) => BigInt(rows.length);
const sum = <R>(rows: readonly R[], of: (row: R) => bigint) => rows.reduce((total, row) => total + of(row), 0n);
const distinct = (values: readonly unknown[]) => BigInt(new Set(values).size);
const timeOf = (id: string) => BigInt(id.slice(0, 10));

const developer = new Set(['builder', 'contributor', 'datanet_owner', 'validator', 'worker']);
const days = (rows: Played, key: Key) => rows.accountRoleDay.filter(({ role }) => developer.has(role) && is(key, role));
const active = (rows: Played, span: { s: bigint; e: bigint }, key: Key) =>
  new Set(
    days(rows, key)
      .filter(({ day }) => inside(day, span))
      .map(({ account }) => account),
  );
const activeBefore = (rows: Played, time: bigint, key: Key) => active(rows, { s: 0n, e: time }, key);

/** Models with a deployment standing after every event before a time. */
const deployedAt = (rows: Played, time: bigint) => {
  const standing = new Map<string, number>();
  for (const { event, subjectId, timestamp } of rows.activity) {
    if (timestamp >= time) continue;
    const by = event === 'AdapterDeployed' ? 1 : event === 'AdapterUndeployed' ? -1 : 0;
    standing.set(subjectId, (standing.get(subjectId) ?? 0) + by);
  }
  return new Set([...standing].filter(([, n]) => n > 0).map(([model]) => model));
};

const events = (rows: Played, name: string, at: Place) =>
  rows.activity.filter(({ event, timestamp }) => event === name && inside(timestamp, at));

const submitted = (rows: Played, span: { s: bigint; e: bigint }, by: Group, key: Key) =>
  rows.contribution.filter(
    ({ createdAt, datanetId, contributor }) =>
      inside(createdAt, span) && is(key, by === 'ACCOUNT' ? contributor : datanetId),
  );
const decided =
  (name: string): ((...args: Parameters<Naive>) => Played['contribution']) =>
  (rows, at, by, key) =>
    events(rows, name, at)
      .map(({ subjectId }) => rows.contribution.find(({ id }) => String(id) === subjectId)!)
      .filter(({ datanetId, contributor }) => is(key, by === 'ACCOUNT' ? contributor : datanetId));
const deployments =
  (name: string): Naive =>
  (rows, at, _by, key) =>
    count(events(rows, name, at).filter(({ subjectId }) => is(key, subjectId)));

const answers = (rows: Played, at: Place, by: Group, key: Key) =>
  rows.inference.filter(
    ({ createdAt, modelId, payer }) => inside(createdAt, at) && is(key, by === 'ACCOUNT' ? payer : modelId),
  );
const selfPaid = (rows: Played) => (answer: Played['inference'][number]) => {
  const operators = rows.activity.filter(
    ({ event, subjectId, id }) => event === 'WorkerRegistered' && subjectId === answer.worker && id < answer.eventId,
  );
  const paid = [
    rows.model.find(({ id }) => id === answer.modelId)!.owner,
    answer.worker,
    (operators.at(-1)?.args as { operator?: string } | undefined)?.operator,
    ...rows.attribution
      .filter(({ requestId, status, amount }) => requestId === answer.requestId && status !== 'revoked' && amount > 0n)
      .map(({ contributor }) => contributor),
  ];
  return paid.some(
    (account) =>
      account === answer.payer ||
      rows.tokenTransfer.some(
        ({ token, from, to, id }) => token === OPEN && from === account && to === answer.payer && id < answer.eventId,
      ),
  );
};
const fee = ({ fee: wei }: Played['inference'][number]) => wei;

const released = (rows: Played, at: Place, key: Key) =>
  sum(
    rows.vestingRelease.filter(
      ({ id, token, wallet }) =>
        token === OPEN &&
        inside(timeOf(id), at) &&
        is(key, rows.vestingWallet.find(({ address }) => address === wallet)!.beneficiary),
    ),
    ({ amount }) => amount,
  );

export const naive: Record<Exclude<MetricName, 'BUSY_RATIO'>, Naive> = {
  ACTIVE_DEVELOPERS: (rows, at, _by, key) => BigInt(active(rows, at, key).size),
  NEW_DEVELOPERS: (rows, at, _by, key) => {
    const old = activeBefore(rows, at.s, key);
    return count([...active(rows, at, key)].filter((account) => !old.has(account)));
  },
  RETURNING_DEVELOPERS: (rows, at, _by, key) => {
    const old = activeBefore(rows, at.s, key);
    return count([...active(rows, at, key)].filter((account) => old.has(account)));
  },
  CHURNED_DEVELOPERS: (rows, at, _by, key) => {
    const now = active(rows, at, key);
    return count([...active(rows, at.before(1), key)].filter((account) => !now.has(account)));
  },
  FULL_TIME_DEVELOPERS: (rows, at, _by, key) => {
    const last = at.e - 1n < at.now ? at.e - 1n : at.now;
    const window = { s: last - (last % DAY) - 27n * DAY, e: last + 1n };
    const seen = days(rows, key).filter(({ day }) => inside(day, window));
    const accounts = [...new Set(seen.map(({ account }) => account))];
    return count(
      accounts.filter(
        (account) => distinct(seen.filter((row) => row.account === account).map(({ day }) => day)) >= 10n,
      ),
    );
  },
  MODELS_REGISTERED: (rows, at) => count(rows.model.filter(({ createdAt }) => inside(createdAt, at))),
  MODEL_VERSIONS: (rows, at, _by, key) =>
    count(rows.modelVersion.filter(({ createdAt, modelId }) => inside(createdAt, at) && is(key, modelId))),
  DEPLOYMENTS: deployments('AdapterDeployed'),
  UNDEPLOYMENTS: deployments('AdapterUndeployed'),
  NET_DEPLOYMENTS: (...args) =>
    (deployments('AdapterDeployed')(...args) as bigint) - (deployments('AdapterUndeployed')(...args) as bigint),
  DEPLOYED_MODELS: (rows, { e }) => BigInt(deployedAt(rows, e).size),
  CONTRIBUTIONS_SUBMITTED: (rows, at, by, key) => count(submitted(rows, at, by, key)),
  CONTRIBUTIONS_ACCEPTED: (...args) => count(decided('ContributionAccepted')(...args)),
  CONTRIBUTIONS_REJECTED: (...args) => count(decided('ContributionRejected')(...args)),
  CONTRIBUTIONS_REVOKED: (...args) => count(decided('ContributionRevoked')(...args)),
  ROWS_ACCEPTED: (...args) => sum(decided('ContributionAccepted')(...args), ({ rows }) => rows),
  CONTRIBUTIONS_PER_CONTRIBUTOR: (rows, at, by, key) => {
    const made = submitted(rows, at, by, key);
    return [count(made), distinct(made.map(({ contributor }) => contributor))];
  },
  CONTRIBUTION_ACCELERATION: (rows, at, by, key) =>
    count(submitted(rows, at, by, key)) -
    2n * count(submitted(rows, at.before(1), by, key)) +
    count(submitted(rows, at.before(2), by, key)),
  ACCEPTANCE_RATE: (...args) => {
    const accepted = count(decided('ContributionAccepted')(...args));
    return [accepted, accepted + count(decided('ContributionRejected')(...args))];
  },
  INFERENCES: (...args) => count(answers(...args)),
  INPUT_TOKENS: (...args) => sum(answers(...args), ({ inTokens }) => inTokens),
  OUTPUT_TOKENS: (...args) => sum(answers(...args), ({ outTokens }) => outTokens),
  FEES: (...args) => sum(answers(...args), fee),
  ACTIVE_MODEL_SHARE: (rows, at) => {
    const deployed = deployedAt(rows, at.s);
    for (const { subjectId } of events(rows, 'AdapterDeployed', at)) deployed.add(subjectId);
    const used = new Set(answers(rows, at, 'NONE', null).map(({ modelId }) => String(modelId)));
    return [count([...deployed].filter((model) => used.has(model))), BigInt(deployed.size)];
  },
  ORGANIC_INFERENCES: (...args) => count(answers(...args).filter((answer) => !selfPaid(args[0])(answer))),
  SELF_PAID_INFERENCES: (...args) => count(answers(...args).filter(selfPaid(args[0]))),
  ORGANIC_FEES: (...args) =>
    sum(
      answers(...args).filter((answer) => !selfPaid(args[0])(answer)),
      fee,
    ),
  SELF_PAID_FEES: (...args) => sum(answers(...args).filter(selfPaid(args[0])), fee),
  SELF_PAID_SHARE: (...args) => [sum(answers(...args).filter(selfPaid(args[0])), fee), sum(answers(...args), fee)],
  EMISSIONS: (rows, at, _by, key) => released(rows, at, key),
  NET_EMISSIONS: (rows, at) => released(rows, at, null) - sum(answers(rows, at, 'NONE', null), fee),
  EMISSIONS_PER_FEE: (rows, at) => [released(rows, at, null), sum(answers(rows, at, 'NONE', null), fee)],
  REWARDS_ATTRIBUTED: (rows, at, by, key) =>
    sum(
      rows.attribution.filter(
        ({ status, updatedAt, datanetId, modelId }) =>
          status === 'final' && inside(updatedAt, at) && is(key, by === 'DATANET' ? datanetId : modelId),
      ),
      ({ amount }) => amount,
    ),
  REWARDS_CLAIMED: (rows, at, _by, key) =>
    sum(
      rows.claim.filter(({ id, account }) => inside(timeOf(id), at) && is(key, account)),
      ({ amount }) => amount,
    ),
};
