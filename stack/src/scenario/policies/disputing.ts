import { encodeBytes32String, parseEther, toBeHex } from 'ethers';
import { contentUri, jsonContent } from '../contents.ts';
import { type PersonaName, persona, personaAt } from '../personas.ts';
import { balanceOf, call, days, happens, type Intent, type Policy, type Scene } from '../scene.ts';
import type { Contribution, Dispute } from '../world.ts';
import { nameOf } from './reviewing.ts';

/** The validator who looks for near-duplicates among what was accepted. */
export const auditor: PersonaName = 'viktor';

const nearDuplicate = 0.75;
/** A bond is held for three days after acceptance: a dispute raised later has nothing to slash. */
const auditedFor = 2.6 * days;
const bond = parseEther('50');
const contribution = 0;

/** Near-duplicates are challenged, respondents answer, what nobody judges lapses. */
export const disputing: Policy = (scene) => [...audit(scene), ...grudge(scene), ...counters(scene), ...lapses(scene)];

function audit(scene: Scene): readonly Intent[] {
  const { world, now, reviewer } = scene;
  if (balanceOf(world, auditor) < bond) return [];
  const intents: Intent[] = [];
  for (const accepted of world.contributions.values()) {
    if (accepted.status !== 'accepted' || now - (accepted.decidedAt ?? 0) > auditedFor) continue;
    if (accepted.contributor === persona(auditor).address || wasDisputed(scene, accepted)) continue;
    if (!happens(scene, 2.5, 'audits', accepted.id)) continue;
    const twin = reviewer.twin(world, accepted);
    if (twin === undefined || twin.share < nearDuplicate) continue;
    const original = world.contributions.get(twin.contributionId)!;
    // What was accepted before this one was handed in, its validators have weighed already.
    if (original.acceptedBlock === undefined || original.acceptedBlock < accepted.submittedBlock) continue;
    intents.push(
      raise(scene, auditor, accepted, 'NEAR_DUPLICATE', {
        claim: `${Math.round(twin.share * 100)} % of its five-word phrases stand in contribution ${twin.contributionId}, which came first.`,
        original: { contributionId: original.id.toString(), contentHash: original.contentHash },
        share: Number(twin.share.toFixed(4)),
      }),
    );
  }
  return intents;
}

/** ivan, whose release notes were refused, challenges fay without a reason; nobody takes it up. */
function grudge(scene: Scene): readonly Intent[] {
  const { world, day } = scene;
  const ivan = persona('ivan').address;
  const raised = [...world.disputes.values()].some(({ initiator }) => initiator === ivan);
  if (day < 11.5 || day > 14 || raised || balanceOf(world, 'ivan') < bond) return [];
  const target = [...world.contributions.values()].findLast(
    (each) => each.status === 'accepted' && each.contributor === persona('fay').address && !wasDisputed(scene, each),
  );
  if (target === undefined) return [];
  return [raise(scene, 'ivan', target, 'LOW_QUALITY', { claim: 'This is no better than what of mine was refused.' })];
}

function raise(scene: Scene, by: PersonaName, target: Contribution, tag: string, evidence: object): Intent {
  const content = jsonContent({
    schema: 'openledger.dispute/1',
    contributionId: target.id.toString(),
    contentHash: target.contentHash,
    ...evidence,
  });
  const args = [
    contribution,
    toBeHex(target.id, 32),
    encodeBytes32String(tag),
    content.hash,
    contentUri(content),
    bond,
  ];
  return {
    by,
    calls: [call(scene.contracts, 'DisputeResolver', 'raise', args, 700_000n)],
    contents: [content],
    say: `${by} disputed ${nameOf(scene, target)} as ${tag.toLowerCase().replace('_', ' ')}, with a bond of 50 OPEN`,
    key: `dispute/${target.id}/${by}`,
  };
}

function counters(scene: Scene): readonly Intent[] {
  const { world, contracts } = scene;
  const intents: Intent[] = [];
  for (const dispute of open(scene)) {
    const target = world.contributions.get(dispute.contributionId);
    const by = personaAt(target?.contributor ?? '')?.name;
    if (target === undefined || by === undefined || dispute.counteredBy.has(target.contributor)) continue;
    if (scene.now >= dispute.deadline || !happens(scene, 1.2, 'counters', dispute.id)) continue;
    const content = jsonContent({
      schema: 'openledger.counter/1',
      disputeId: dispute.id.toString(),
      answer:
        dispute.initiator === persona(auditor).address
          ? 'Mine is from another version of the package, which people still run; when I handed it in, no other copy was accepted.'
          : 'Three validators scored it blind, and the datanet asked for exactly this.',
    });
    intents.push({
      by,
      calls: [call(contracts, 'DisputeResolver', 'counter', [dispute.id, content.hash, contentUri(content)])],
      contents: [content],
      say: `${by} answered dispute ${dispute.id}`,
      key: `counter/${dispute.id}/${by}`,
    });
  }
  return intents;
}

function lapses(scene: Scene): readonly Intent[] {
  const { contracts, now } = scene;
  return open(scene)
    .filter(({ id, deadline }) => now > deadline && happens(scene, 3, 'expires', id))
    .flatMap(({ id, initiator }) => {
      const by = personaAt(initiator)?.name;
      if (by === undefined) return [];
      return [
        {
          by,
          calls: [call(contracts, 'DisputeResolver', 'expire', [id], 400_000n)],
          say: `dispute ${id} lapsed: nobody judged it in time`,
          key: `expire/${id}`,
        },
      ];
    });
}

function open({ world }: Scene): readonly Dispute[] {
  return [...world.disputes.values()].filter((dispute) => dispute.open);
}

function wasDisputed({ world }: Scene, { id }: Contribution): boolean {
  return [...world.disputes.values()].some(({ contributionId }) => contributionId === id);
}
