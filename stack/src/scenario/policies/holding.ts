import { persona, personaAt } from '../personas.ts';
import { call, days, happens, type Intent, type Policy, type Scene } from '../scene.ts';

/** Beneficiaries release what has vested; stakers take back what is free. */
export const holding: Policy = (scene) => [...releases(scene), ...withdrawals(scene)];

const releaseEvery: Readonly<Record<string, number>> = { community: 7, ecosystem: 9 };

function releases(scene: Scene): readonly Intent[] {
  const { world, contracts, now, live } = scene;
  const intents: Intent[] = [];
  for (const { name, address, beneficiary, start } of contracts.manifest.vesting) {
    const by = personaAt(beneficiary)?.name;
    const every = releaseEvery[name];
    if (by === undefined || every === undefined || now < Number(start) + days) continue;
    const last = world.history.get('LinearVesting.ERC20Released')?.findLast((each) => each.address === address);
    if (last !== undefined && now - last.time < (live ? 900 : every * days)) continue;
    if (!happens(scene, 4, 'releases', name)) continue;
    intents.push({
      by,
      calls: [
        {
          to: address,
          data: contracts.encode('LinearVesting', 'release(address)', [contracts.at('Open')]),
          gas: 150_000n,
        },
      ],
      say: `${by} released what has vested for the ${name}`,
      key: `release/${name}/${now}`,
    });
  }
  return intents;
}

function withdrawals(scene: Scene): readonly Intent[] {
  const { world, contracts, now, live } = scene;
  const frozen = frozenBy(scene);
  const ready = new Map<string, bigint[]>();
  for (const { id, account, pending, availableAt } of world.stakes.values()) {
    if (pending === 0n || availableAt >= now || frozen.accounts.has(account) || frozen.stakes.has(id)) continue;
    ready.set(account, [...(ready.get(account) ?? []), id]);
  }
  const intents: Intent[] = [];
  for (const [account, ids] of ready) {
    const by = personaAt(account)?.name;
    if (by === undefined || ids.length < (live ? 3 : 1) || !happens(scene, 0.25, 'withdraws', account)) continue;
    const some = ids.slice(0, 12);
    intents.push({
      by,
      calls: [call(contracts, 'StakeManager', 'withdrawStakes', [some], 100_000n + 80_000n * BigInt(some.length))],
      say: `${by} took back ${some.length} ${some.length === 1 ? 'bond or stake' : 'bonds and stakes'}`,
      key: `withdraw/${some.join('-')}`,
    });
  }
  return intents;
}

/** While a dispute is open, its respondent's stakes and the disputed contribution's bond do not leave. */
function frozenBy({ world }: Scene): { accounts: ReadonlySet<string>; stakes: ReadonlySet<bigint> } {
  const accounts = new Set<string>();
  const stakes = new Set<bigint>();
  for (const { open, contributionId } of world.disputes.values()) {
    const contribution = world.contributions.get(contributionId);
    if (!open || contribution === undefined) continue;
    accounts.add(contribution.contributor);
    if (contribution.bondId !== undefined) stakes.add(contribution.bondId);
  }
  return { accounts, stakes };
}

export function hasReleased({ world, contracts }: Scene, name: 'carla' | 'elif'): boolean {
  const wallet = contracts.manifest.vesting.find(({ beneficiary }) => beneficiary === persona(name).address);
  const released = world.history.get('LinearVesting.ERC20Released') ?? [];
  return released.some(({ address }) => address === wallet?.address);
}
