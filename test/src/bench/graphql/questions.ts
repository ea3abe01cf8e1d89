import { newestDay, owners, sizes } from './data.ts';

/** One thing that a client asks, in the words of each server, with the variables it comes with. */
export type Question = {
  readonly name: 'flat' | 'nested' | 'dashboard';
  readonly ours: string;
  /** With our names as aliases. */
  readonly postgraphile: string;
  /** One statement whose only value is the JSON of `data`; its parameters are the variables in their order. */
  readonly sql: string;
  /** Asked in turn, so that no answer is that of the question before. */
  readonly variables: readonly Readonly<Record<string, string>>[];
};

const times = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));
const address = (n: number) => `0x${n.toString(16).padStart(40, '0')}`;

const flat: Question = {
  name: 'flat',
  ours: `query Flat($datanet: BigInt!) {
    contributions(first: 20, filter: { datanetId: { eq: $datanet }, status: { eq: ACCEPTED } }, orderBy: { field: ATTRIBUTED, direction: DESC }) {
      nodes { contributionId contributorAddress contentHash uri rowCount status attributed createdAt }
    }
  }`,
  postgraphile: `query Flat($datanet: BigFloat!) {
    contributions: allContributions(first: 20, condition: { datanetId: $datanet, status: "accepted" }, orderBy: [ATTRIBUTED_DESC, ROW_ID_DESC]) {
      nodes { contributionId: rowId contributorAddress: contributor contentHash uri rowCount: rows status attributed createdAt }
    }
  }`,
  sql: `select json_build_object('contributions', json_build_object('nodes', coalesce(json_agg(json_build_object(
      'contributionId', id::text, 'contributorAddress', contributor, 'contentHash', content_hash, 'uri', uri,
      'rowCount', rows::text, 'status', status, 'attributed', attributed::text, 'createdAt', created_at)), '[]')))::text as data
    from (select * from chain.contribution where datanet_id = $1::numeric and status = 'accepted'
      order by attributed desc, id desc limit 20) c`,
  variables: times(sizes.datanets, (n) => ({ datanet: String(n + 1) })),
};

const nested: Question = {
  name: 'nested',
  ours: `query Nested($owner: Address!) {
    datanets(first: 5, filter: { ownerAddress: { eq: $owner } }) {
      nodes { datanetId name
        contributions(first: 5) {
          nodes { contributionId status attributed
            contributor { address eventCount }
            scores(first: 3) { nodes { validatorAddress score } } } } }
    }
  }`,
  postgraphile: `query Nested($owner: String!) {
    datanets: allDatanets(first: 5, condition: { owner: $owner }, orderBy: [ROW_ID_DESC]) {
      nodes { datanetId: rowId name
        contributions: contributionsByDatanetId(first: 5, orderBy: [ROW_ID_DESC]) {
          nodes { contributionId: rowId status attributed
            contributor: contributorAccount { address eventCount: events }
            scores: contributionScoresByContributionId(first: 3, orderBy: [VALIDATOR_ASC]) { nodes { validatorAddress: validator score } } } } }
    }
  }`,
  sql: `select json_build_object('datanets', json_build_object('nodes', coalesce(json_agg(json_build_object(
      'datanetId', d.id::text, 'name', d.name, 'contributions', json_build_object('nodes', cs.nodes))), '[]')))::text as data
    from (select id, name from chain.datanet where owner = $1 order by id desc limit 5) d,
    lateral (select coalesce(json_agg(json_build_object(
        'contributionId', c.id::text, 'status', c.status, 'attributed', c.attributed::text,
        'contributor', (select json_build_object('address', a.address, 'eventCount', a.events) from chain.account a where a.address = c.contributor),
        'scores', json_build_object('nodes', (
          select coalesce(json_agg(json_build_object('validatorAddress', s.validator, 'score', s.score::text)), '[]')
          from (select validator, score from chain.contribution_score where contribution_id = c.id order by validator limit 3) s)))), '[]') as nodes
      from (select id, status, attributed, contributor from chain.contribution where datanet_id = d.id order by id desc limit 5) c) cs`,
  variables: times(owners, (n) => ({ owner: address(n + 1) })),
};

const days = 30;

const dashboard: Question = {
  name: 'dashboard',
  ours: `query Dashboard($from: DateTime!, $payer: Address!) {
    _meta { block }
    accounts(first: 1) { totalCount }
    datanets(first: 5, orderBy: { field: ACCEPTED_COUNT, direction: DESC }) {
      totalCount nodes { datanetId name acceptedCount contributorCount attributed } }
    models(first: 5, orderBy: { field: FEES, direction: DESC }) { totalCount nodes { modelId name status inferenceCount fees } }
    contributions(first: 10) { nodes { contributionId datanetId status contributorAddress createdAt } }
    inferences(first: 10, filter: { payerAddress: { eq: $payer } }) {
      nodes { requestId modelId fee inputTokens outputTokens createdAt } }
    protocolRollups(interval: DAY, from: $from) { bucket events contributionsSubmitted contributionsAccepted inferences fees }
  }`,
  postgraphile: `query Dashboard($payer: String!) {
    _meta: _ponderCheckpointByChainName(chainName: "openledger") { latestCheckpoint }
    accounts: allAccounts(first: 1) { totalCount }
    datanets: allDatanets(first: 5, orderBy: [ACCEPTED_DESC, ROW_ID_DESC]) {
      totalCount nodes { datanetId: rowId name acceptedCount: accepted contributorCount: contributors attributed } }
    models: allModels(first: 5, orderBy: [FEES_DESC, ROW_ID_DESC]) { totalCount nodes { modelId: rowId name status inferenceCount: inferences fees } }
    contributions: allContributions(first: 10, orderBy: [ROW_ID_DESC]) {
      nodes { contributionId: rowId datanetId status contributorAddress: contributor createdAt } }
    inferences: allInferences(first: 10, condition: { payer: $payer }, orderBy: [EVENT_ID_DESC]) {
      nodes { requestId modelId fee inputTokens: inTokens outputTokens: outTokens createdAt } }
    protocolRollups: allProtocolDays(last: ${days}, orderBy: [BUCKET_ASC]) {
      nodes { bucket events contributionsSubmitted contributionsAccepted inferences fees } }
  }`,
  sql: `select json_build_object(
    '_meta', (select json_build_object('latestCheckpoint', latest_checkpoint) from chain._ponder_checkpoint where chain_name = 'openledger'),
    'accounts', json_build_object('totalCount', (select count(*) from chain.account)),
    'datanets', json_build_object('totalCount', (select count(*) from chain.datanet), 'nodes', (select json_agg(json_build_object(
        'datanetId', id::text, 'name', name, 'acceptedCount', accepted, 'contributorCount', contributors, 'attributed', attributed::text))
      from (select * from chain.datanet order by accepted desc, id desc limit 5) d)),
    'models', json_build_object('totalCount', (select count(*) from chain.model), 'nodes', (select json_agg(json_build_object(
        'modelId', id::text, 'name', name, 'status', status, 'inferenceCount', inferences::text, 'fees', fees::text))
      from (select * from chain.model order by fees desc, id desc limit 5) m)),
    'contributions', json_build_object('nodes', (select json_agg(json_build_object(
        'contributionId', id::text, 'datanetId', datanet_id::text, 'status', status, 'contributorAddress', contributor, 'createdAt', created_at))
      from (select * from chain.contribution order by id desc limit 10) c)),
    'inferences', json_build_object('nodes', (select coalesce(json_agg(json_build_object(
        'requestId', request_id, 'modelId', model_id::text, 'fee', fee::text, 'inputTokens', in_tokens::text, 'outputTokens', out_tokens::text, 'createdAt', created_at)), '[]')
      from (select * from chain.inference where payer = $2 order by event_id desc limit 10) i)),
    'protocolRollups', (select json_agg(json_build_object(
        'bucket', bucket, 'events', events, 'contributionsSubmitted', contributions_submitted, 'contributionsAccepted', contributions_accepted,
        'inferences', inferences, 'fees', fees::text) order by bucket)
      from chain.protocol_day where bucket >= extract(epoch from $1::timestamptz))
    )::text as data`,
  variables: times(50, (n) => ({
    from: new Date((newestDay - (days - 1) * 86_400) * 1000).toISOString().replace('.000', ''),
    payer: address(1 + n * 7),
  })),
};

export const questions: readonly Question[] = [flat, nested, dashboard];

/** The words of a status differ between servers in case alone. */
const statuses = new Set(['status']);

/**
 * An answer as all servers mean it: integers as digits whether they came as numbers or strings, times in Unix seconds, statuses
 * in lower case, a list of rows without its connection.
 */
export function meant(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => meant(item));
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  if (typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    if (key === 'protocolRollups') return meant((value as { nodes: unknown }).nodes);
    return Object.fromEntries(
      entries.map(([name, inner]) =>
        name === 'latestCheckpoint'
          ? ['block', String(BigInt((inner as string).slice(26, 42)))]
          : [name, meant(inner, name)],
      ),
    );
  }
  const text = String(value);
  if (/^\d{4}-\d{2}-\d{2}T[\d:]+Z$/.test(text)) return String(Date.parse(text) / 1000);
  return statuses.has(key) ? text.toLowerCase() : text;
}
