import { id, parseEther } from 'ethers';
import type { Cast } from './cast.ts';
import type { Datanets } from './datanets.ts';
import type { Reviewed } from './reviews.ts';
import type { Player, Session } from './session.ts';
import { nonceOf, sign } from './signing.ts';

export const modelStatus = { draft: 1, active: 2, deprecated: 3, withdrawn: 4 } as const;

export type Deployed = {
  /** Erin's model, trained on the public and the private datanet; active and deployed. */
  readonly modelId: bigint;
  readonly version: bigint;
};

const base = id('base: drive-tiny-1');

/** Erin builds a model on two datanets, one of them private, and a second one that she withdraws. */
export async function buildModels(
  session: Session,
  cast: Cast,
  datanets: Datanets,
  reviewed: Reviewed,
): Promise<Deployed> {
  const { erin, judge } = cast;
  const modelId = await register(session, erin, 'Documentation helper');
  const version = await publish(session, erin, modelId, [
    [datanets.reviewed, reviewed.versions.reviewed],
    [datanets.curated, reviewed.versions.curated],
  ]);
  const draft = await register(session, erin, 'Abandoned');
  await publish(session, erin, draft, []);
  await publish(session, erin, draft, [[datanets.reviewed, reviewed.versions.reviewed]]);

  const report = 'ipfs://evaluation/1';
  const benchmark = id('held-out perplexity');
  await session.send(judge, 'ModelRegistry', 'recordEvaluation', [
    modelId,
    benchmark,
    version,
    parseEther('0.71'),
    report,
  ]);
  await session.send(erin, 'ModelRegistry', 'recordEvaluation', [
    modelId,
    benchmark,
    version,
    parseEther('0.8'),
    report,
  ]);
  await session.send(erin, 'ModelRegistry', 'setPricing', [modelId, parseEther('0.2'), parseEther('0.6')]);
  await session.send(erin, 'ModelRegistry', 'setPricing', [modelId, parseEther('0.1'), parseEther('0.5')]);
  await session.send(erin, 'ModelRegistry', 'setStatus', [modelId, modelStatus.active]);
  await session.send(erin, 'ModelRegistry', 'setStatus', [draft, modelStatus.withdrawn]);
  return { modelId, version };
}

/** Wren agrees to work for Frank; Winston works for himself, then for Ursula. The model goes up on both, and down on one. */
export async function startWorkers(session: Session, cast: Cast, { modelId, version }: Deployed): Promise<void> {
  const { erin, frank, wren, winston, ursula } = cast;
  const deadline = (await session.now()) + 3_600n;
  const nonce = await nonceOf(session, 'ModelRegistry', wren.address);
  const consent = { worker: wren.address, operator: frank.address, nonce, deadline };
  const signature = await sign(session, wren, 'WorkerConsent', consent);
  const endpoint = 'https://wren.example/v1';
  const args = [wren.address, endpoint, deadline, signature];
  await session.send(frank, 'ModelRegistry', 'registerWorkerWithConsent', args);
  await session.send(frank, 'ModelRegistry', 'setEndpoint', [wren.address, 'https://wren.example/v2']);

  await session.send(winston, 'ModelRegistry', 'registerWorker', ['https://winston.example/v1']);
  await session.send(ursula, 'ModelRegistry', 'setWilling', [winston.address, true]);
  await session.send(winston, 'ModelRegistry', 'transferWorker', [
    winston.address,
    ursula.address,
    'https://winston.example/v2',
  ]);

  await session.send(frank, 'ModelRegistry', 'deployAdapter', [modelId, wren.address, version]);
  await session.send(winston, 'ModelRegistry', 'deployAdapter', [modelId, winston.address, version]);
  await session.send(erin, 'ModelRegistry', 'undeployAdapter', [modelId, winston.address, version]);
}

/** Frank takes the model down from Wren; Erin declares it deprecated. */
export async function retireWorkers(
  session: Session,
  { frank, erin, wren }: Cast,
  { modelId, version }: Deployed,
): Promise<void> {
  await session.send(frank, 'ModelRegistry', 'undeployAdapter', [modelId, wren.address, version]);
  await session.send(erin, 'ModelRegistry', 'setStatus', [modelId, modelStatus.deprecated]);
}

type Source = readonly [datanetId: bigint, version: bigint];

async function register(session: Session, owner: Player, name: string): Promise<bigint> {
  const sent = await session.send(owner, 'ModelRegistry', 'registerModel', [base, name, `ipfs://model/${id(name)}`]);
  return sent.event('ModelRegistered').modelId;
}

async function publish(session: Session, owner: Player, modelId: bigint, sources: readonly Source[]): Promise<bigint> {
  const adapter = id(`adapter of ${modelId} on ${sources.length}`);
  const args = [modelId, adapter, `ipfs://adapter/${adapter}`, id(`manifest ${adapter}`), 16, sources];
  const sent = await session.send(owner, 'ModelRegistry', 'publishVersion', args, {
    when: `${sources.length} training source${sources.length === 1 ? '' : 's'}`,
  });
  return sent.event('ModelVersionPublished').version;
}
