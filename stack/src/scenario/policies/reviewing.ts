import { scoreCommitment } from '@openledger/protocol';
import { encodeBytes32String } from 'ethers';
import { personaAt } from '../personas.ts';
import { call, happens, type Intent, type Policy, type Scene } from '../scene.ts';
import type { Contribution, Datanet } from '../world.ts';

/** Validators commit, reveal and have decided what is handed in; owners decide where there is no quorum. */
export const reviewing: Policy = (scene) => {
  const intents: Intent[] = [];
  for (const contribution of scene.world.contributions.values()) {
    if (contribution.status !== 'pending') continue;
    const datanet = scene.world.datanets.get(contribution.datanetId);
    if (datanet === undefined) continue;
    if (contribution.quorum === 0 || hasRunOut(contribution, scene.now)) {
      intents.push(...decide(scene, datanet, contribution));
    } else if (contribution.reveals.size >= contribution.quorum) intents.push(...finalize(scene, contribution));
    else if (contribution.revealFrom === undefined) intents.push(...commit(scene, datanet, contribution));
    else intents.push(...reveal(scene, contribution));
  }
  return intents;
};

/** The review's time has passed without the whole quorum's scores. */
function hasRunOut(
  { quorum, commits, reveals, submittedAt, reviewWindow, revealFrom }: Contribution,
  now: number,
): boolean {
  if (reveals.size >= quorum) return false;
  const from = revealFrom ?? submittedAt + reviewWindow;
  return now >= (commits.size > 0 ? from + reviewWindow : from);
}

function commit(scene: Scene, datanet: Datanet, contribution: Contribution): readonly Intent[] {
  const { contracts, reviewer, world, now } = scene;
  if (now >= contribution.submittedAt + contribution.reviewWindow) return [];
  const intents: Intent[] = [];
  for (const address of datanet.validators) {
    const validator = personaAt(address)?.name;
    if (validator === undefined || contribution.commits.has(address)) continue;
    if (address === contribution.contributor || address === contribution.relayer) continue;
    if (contribution.commits.size + intents.length >= contribution.quorum) break;
    if (!happens(scene, 5, 'commits', validator, contribution.id)) continue;
    const verdict = reviewer.judge(world, validator, contribution);
    if (verdict === undefined) continue;
    const registry = contracts.at('DatanetRegistry');
    const commitment = scoreCommitment({
      chainId: contracts.manifest.chainId,
      registry,
      contributionId: contribution.id,
      validator: address,
      score: verdict.score,
      evidenceHash: verdict.evidenceHash,
      salt: reviewer.salt(validator, registry, contribution.id),
    });
    intents.push({
      by: validator,
      calls: [call(contracts, 'DatanetRegistry', 'commitScore', [contribution.id, commitment], 150_000n)],
      say: `${validator} committed a score for ${nameOf(scene, contribution)}`,
      key: `commit/${contribution.id}/${validator}`,
    });
  }
  return intents;
}

function reveal(scene: Scene, contribution: Contribution): readonly Intent[] {
  const { contracts, reviewer, world } = scene;
  const intents: Intent[] = [];
  for (const address of contribution.commits) {
    const validator = personaAt(address)?.name;
    if (validator === undefined || contribution.reveals.has(address)) continue;
    if (!happens(scene, 6, 'reveals', validator, contribution.id)) continue;
    const verdict = reviewer.judge(world, validator, contribution);
    if (verdict === undefined) continue;
    const { score, evidence, evidenceHash } = verdict;
    const salt = reviewer.salt(validator, contracts.at('DatanetRegistry'), contribution.id);
    intents.push({
      by: validator,
      calls: [
        call(contracts, 'DatanetRegistry', 'revealScore', [contribution.id, score, evidenceHash, salt], 200_000n),
      ],
      contents: [{ hash: evidenceHash, mediaType: 'application/json', body: evidence }],
      say: `${validator} scored ${nameOf(scene, contribution)} ${percent(score)}`,
      key: `reveal/${contribution.id}/${validator}`,
    });
  }
  return intents;
}

function finalize(scene: Scene, contribution: Contribution): readonly Intent[] {
  if (!happens(scene, 8, 'finalizes', contribution.id)) return [];
  const by = personaAt(contribution.relayer)?.name ?? personaAt([...contribution.reveals][0]!)!.name;
  return [
    {
      by,
      calls: [call(scene.contracts, 'DatanetRegistry', 'finalizeContribution', [contribution.id], 400_000n)],
      say: `${nameOf(scene, contribution)} was decided`,
      tell: (world) => {
        const { id, status, datanetId } = world.contributions.get(contribution.id)!;
        const datanet = world.datanets.get(datanetId)!.name;
        const score: bigint | undefined = world.latest('DatanetRegistry.ContributionAccepted', { contributionId: id })
          ?.args.score;
        const outcome = score === undefined ? status : `accepted with ${percent(score)}`;
        return `${nameOf(scene, contribution)} was ${outcome} in ${datanet}`;
      },
      key: `finalize/${contribution.id}`,
    },
  ];
}

function decide(scene: Scene, datanet: Datanet, contribution: Contribution): readonly Intent[] {
  const owner = personaAt(datanet.owner)?.name;
  if (owner === undefined || !happens(scene, 3, 'decides', contribution.id)) return [];
  const verdict = scene.reviewer.judge(scene.world, owner, contribution);
  const threshold = scene.world.latest('DatanetRegistry.DatanetRulesUpdated', { datanetId: datanet.id })?.args;
  if (verdict === undefined || threshold === undefined) return [];
  const accept = verdict.score >= threshold.scoreThreshold;
  const reason = encodeBytes32String(accept ? '' : 'BELOW_STANDARD');
  return [
    {
      by: owner,
      calls: [
        call(scene.contracts, 'DatanetRegistry', 'decideContribution', [contribution.id, accept, reason], 400_000n),
      ],
      say: `${owner} ${accept ? 'accepted' : 'refused'} ${nameOf(scene, contribution)} (${percent(verdict.score)})`,
      key: `decide/${contribution.id}`,
    },
  ];
}

/** What a contribution is called in the log. */
export function nameOf({ library }: Scene, { id, contentHash }: Contribution): string {
  return library.find(contentHash)?.title ?? `contribution ${id}`;
}

function percent(score: bigint): string {
  return `${Number(score / 10n ** 15n) / 10} %`;
}
