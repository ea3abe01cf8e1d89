import { parseEther } from 'ethers';
import { type PersonaName, persona } from '../personas.ts';
import { call, chance, days, happens, type Intent, type Policy, type Scene } from '../scene.ts';
import type { Proposal } from '../world.ts';
import { abstain, algorithmContent, inFavour, type Motion, motions } from './motions.ts';

const voteOf = ['against', 'for', 'to abstain on'] as const;

/** Motions are proposed, voted on, queued and carried out, at governance's own pace. */
export const governing: Policy = (scene) =>
  motions(scene).flatMap((motion) => {
    const proposal = proposalOf(scene, motion);
    if (proposal === undefined) return propose(scene, motion);
    if (proposal.ended !== undefined) return [];
    if (motion.takenBack && scene.now <= proposal.voteStart) return takeBack(scene, motion, proposal);
    if (scene.now > proposal.voteStart && scene.now < proposal.voteEnd) return vote(scene, motion, proposal);
    if (scene.now > proposal.voteEnd && hasPassed(scene, proposal)) return carryOut(scene, motion, proposal);
    return [];
  });

function describe({ title, reason }: Motion): string {
  return `# ${title}\n\n${reason}`;
}

function proposalOf({ world }: Scene, motion: Motion): Proposal | undefined {
  const description = describe(motion);
  return [...world.proposals.values()].find((proposal) => proposal.description === description);
}

function propose(scene: Scene, motion: Motion): readonly Intent[] {
  // A threshold of 100 GOPEN, held and delegated before.
  const votes = scene.world.latest('GOPEN.DelegateVotesChanged', { delegate: persona(motion.by).address });
  if (scene.day < motion.day || votes === undefined || votes.args.newVotes < parseEther('100')) return [];
  if (votes.time >= scene.now || !happens(scene, 6, 'proposes', motion.title)) return [];
  const { to, data } = motion.action;
  return [
    {
      by: motion.by,
      calls: [call(scene.contracts, 'OpenGovernor', 'propose', [[to], [0n], [data], describe(motion)], 900_000n)],
      contents: [algorithmContent],
      say: `${motion.by} proposed: ${motion.title}`,
      key: `propose/${motion.title}`,
    },
  ];
}

function vote(scene: Scene, motion: Motion, proposal: Proposal): readonly Intent[] {
  const intents: Intent[] = [];
  for (const [name, support] of Object.entries(motion.votes) as [PersonaName, 0 | 1 | 2][]) {
    if (proposal.voters.has(persona(name).address) || !hadVotes(scene, name, proposal.voteStart)) continue;
    const late = scene.now > proposal.voteEnd - 2 * days;
    if (!late && !happens(scene, 0.3, 'votes', name, proposal.id)) continue;
    const reason = support === inFavour ? 'Agreed.' : support === abstain ? 'No opinion of mine.' : 'Not like this.';
    const withReason = chance(name, proposal.description) < 0.4;
    intents.push({
      by: name,
      calls: [
        withReason
          ? call(scene.contracts, 'OpenGovernor', 'castVoteWithReason', [proposal.id, support, reason], 250_000n)
          : call(scene.contracts, 'OpenGovernor', 'castVote', [proposal.id, support], 250_000n),
      ],
      say: `${name} voted ${voteOf[support]} “${motion.title}”`,
      key: `vote/${proposal.id}/${name}`,
    });
  }
  return intents;
}

function takeBack(scene: Scene, motion: Motion, proposal: Proposal): readonly Intent[] {
  if (!happens(scene, 4, 'takes back', motion.title)) return [];
  return [
    {
      by: motion.by,
      calls: [call(scene.contracts, 'OpenGovernor', 'cancel(uint256)', [proposal.id])],
      say: `${motion.by} took back “${motion.title}”`,
      key: `cancel/${proposal.id}`,
    },
  ];
}

function carryOut(scene: Scene, motion: Motion, proposal: Proposal): readonly Intent[] {
  if (proposal.eta === undefined) {
    if (!happens(scene, 3, 'queues', proposal.id)) return [];
    return [
      {
        by: motion.by,
        calls: [call(scene.contracts, 'OpenGovernor', 'queue(uint256)', [proposal.id], 400_000n)],
        say: `“${motion.title}” passed and waits in the timelock`,
        key: `queue/${proposal.id}`,
      },
    ];
  }
  if (scene.now <= proposal.eta || !happens(scene, 3, 'executes', proposal.id)) return [];
  return [
    {
      by: motion.by,
      calls: [call(scene.contracts, 'OpenGovernor', 'execute(uint256)', [proposal.id], 1_200_000n)],
      say: `“${motion.title}” was carried out`,
      key: `execute/${proposal.id}`,
    },
  ];
}

/** More for than against, and a quarter of all GOPEN (or what governance has set since) for or abstaining. */
export function hasPassed({ world }: Pick<Scene, 'world'>, { tally, voteStart }: Proposal): boolean {
  const [no, yes, abstained] = tally;
  const supply = world.wrapped.findLast(({ time }) => time <= voteStart)?.supply ?? 0n;
  const percent: bigint = world.latest('OpenGovernor.QuorumNumeratorUpdated')?.args.newQuorumNumerator ?? 25n;
  return yes > no && yes + abstained >= (supply * percent) / 100n;
}

function hadVotes({ world }: Scene, name: PersonaName, at: number): boolean {
  const changes = world.history.get('GOPEN.DelegateVotesChanged') ?? [];
  const last = changes.findLast(
    ({ args, time }) => time <= at && String(args.delegate).toLowerCase() === persona(name).address,
  );
  return last !== undefined && last.args.newVotes > 0n;
}
