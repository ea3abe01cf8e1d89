import { id, MaxUint256, parseEther } from 'ethers';
import { type PersonaName, persona } from '../personas.ts';
import { hasReleased } from '../policies/holding.ts';
import { balanceOf, call, type Scene } from '../scene.ts';
import type { Act } from './act.ts';

/** OPEN that lior hands out: to whom, how much, and on which day after genesis. */
const handOuts: readonly (readonly [PersonaName, string, number])[] = [
  ['ada', '40000', 0.1],
  ['bruno', '40000', 0.12],
  ['vera', '30000', 0.15],
  ['viktor', '30000', 0.15],
  ['yuki', '20000', 0.2],
  ['fay', '15000', 0.4],
  ['gil', '1500', 1.3],
  ['clio', '25000', 1.6],
  ['dmitri', '25000', 2.5],
  ['edda', '25000', 6],
  ['hana', '2000', 7.8],
  ['ivan', '1200', 8.7],
  ['nora', '10000', 10],
  ['omar', '10000', 10.6],
  ['jun', '2500', 14.6],
  ['rio', '6000', 15.1],
  ['lena', '2000', 22.6],
  ['moira', '2000', 29.5],
  ['pia', '400', 41.2],
  ['sol', '300', 41.9],
  ['tess', '300', 42.4],
];

/** What elif's ecosystem fund grants. */
const grants: readonly (readonly [PersonaName, string, number])[] = [
  ['fay', '1000', 20.3],
  ['vera', '500', 27.4],
  ['jun', '800', 35.2],
];

/** Who wraps OPEN into votes, how much, and whom with: [name, OPEN, day, delegate]. */
const voters: readonly (readonly [PersonaName, string, number, PersonaName])[] = [
  ['lior', '120000', 0.9, 'ada'],
  ['ada', '25000', 1.1, 'ada'],
  ['bruno', '25000', 1.3, 'bruno'],
  ['viktor', '15000', 1.8, 'bruno'],
  ['carla', '300000', 2, 'carla'],
  ['elif', '60000', 2.2, 'elif'],
  ['clio', '10000', 2.6, 'ada'],
  ['vera', '10000', 2.9, 'carla'],
  ['dmitri', '15000', 3.4, 'dmitri'],
  ['fay', '8000', 3.9, 'fay'],
  ['lena', '500', 24.2, 'lena'],
];

/** Stakes that earn, or show that one means it: [name, role, which datanet, OPEN, day]. */
const stakes: readonly (readonly [PersonaName, 'VALIDATOR' | 'CONTRIBUTOR', bigint, string, number])[] = [
  ['vera', 'VALIDATOR', 1n, '5000', 0.8],
  ['viktor', 'VALIDATOR', 1n, '5000', 0.9],
  ['yuki', 'VALIDATOR', 1n, '3000', 1.2],
  ['fay', 'CONTRIBUTOR', 1n, '500', 2.3],
  ['bruno', 'VALIDATOR', 4n, '2000', 4.2],
  ['dmitri', 'VALIDATOR', 5n, '1000', 7.7],
  ['hana', 'CONTRIBUTOR', 2n, '200', 12.3],
  ['moira', 'CONTRIBUTOR', 1n, '150', 33.3],
];

/** Who bonds or stakes, from the day that they have something to bond. */
const bonding: readonly PersonaName[] = [...handOuts.map(([name]) => name)];

export const moneyActs: readonly Act[] = [
  ...handOuts.map(([name, open, day]) => transfer('lior', name, open, day, 'handed')),
  ...grants.map(([name, open, day]) => transfer('elif', name, open, day, 'granted')),
  ...bonding.map((name) => allowance(name, 'StakeManager', handOuts.find(([to]) => to === name)![2])),
  ...voters.flatMap(([name, open, day, delegate]) => [wrap(name, open, day), delegation(name, delegate, day + 0.05)]),
  delegation('vera', 'bruno', 20.6),
  ...stakes.map(stake),
  {
    key: 'unwrap/clio',
    day: 30.4,
    by: 'clio',
    say: 'clio unwrapped 4,000 GOPEN',
    done: ({ world }) => world.happened('GOPEN.Withdrawal', { sender: persona('clio').address }),
    ready: ({ world }) => world.happened('GOPEN.Deposit', { sender: persona('clio').address }),
    calls: ({ contracts }) => [call(contracts, 'GOPEN', 'withdraw', [parseEther('4000')])],
  },
  {
    key: 'unstake/yuki',
    day: 20.9,
    by: 'yuki',
    say: 'yuki asked for 1,000 staked OPEN back',
    done: ({ world }) => world.happened('StakeManager.UnstakeRequested', { account: persona('yuki').address }),
    ready: ({ world }) => stakeOf(world, 'yuki') !== undefined,
    calls: ({ contracts, world }) => [
      call(contracts, 'StakeManager', 'requestUnstake', [stakeOf(world, 'yuki')!, parseEther('1000')]),
    ],
  },
  ...deposits('nora', '800', 16.2),
  ...deposits('omar', '500', 21.1),
  ...deposits('pia', '120', 42.7),
  ...deposits('sol', '100', 43.1),
  ...deposits('tess', '60', 43.6),
  ...deposits('edda', '50', 44.2),
  {
    key: 'escrow/request/omar',
    day: 33.2,
    by: 'omar',
    say: 'omar asked for 200 OPEN of his deposit back',
    done: ({ world }) => world.happened('InferenceEscrow.WithdrawalRequested', { payer: persona('omar').address }),
    ready: ({ world }) => world.happened('InferenceEscrow.Deposited', { payer: persona('omar').address }),
    calls: ({ contracts }) => [call(contracts, 'InferenceEscrow', 'requestWithdrawal', [parseEther('200')])],
  },
  {
    key: 'escrow/withdraw/omar',
    day: 34.5,
    by: 'omar',
    say: 'omar took 200 OPEN out of the escrow',
    done: ({ world }) => world.happened('InferenceEscrow.Withdrawn', { payer: persona('omar').address }),
    ready: ({ world, now }) => {
      const request = world.latest('InferenceEscrow.WithdrawalRequested', { payer: persona('omar').address });
      if (request === undefined) return false;
      // A request can be used for as long as it had to wait: one day.
      const availableAt = Number(request.args.availableAt);
      return now > availableAt && now < availableAt + 86_400;
    },
    calls: ({ contracts }) => [call(contracts, 'InferenceEscrow', 'withdraw', [])],
  },
];

function transfer(from: 'lior' | 'elif', to: PersonaName, open: string, day: number, verb: string): Act {
  const amount = parseEther(open);
  return {
    key: `transfer/${from}/${to}`,
    day,
    by: from,
    say: `${from} ${verb} ${to} ${inOpen(open)}`,
    done: ({ world }) => world.happened('Open.Transfer', { from: persona(from).address, to: persona(to).address }),
    ready: ({ world }) => balanceOf(world, from) >= amount,
    calls: ({ contracts }) => [call(contracts, 'Open', 'transfer', [persona(to).address, amount], 100_000n)],
  };
}

function allowance(name: PersonaName, spender: 'StakeManager' | 'InferenceEscrow', day: number): Act {
  return {
    key: `allow/${name}/${spender}`,
    day,
    by: name,
    say: `${name} let the ${spender === 'StakeManager' ? 'stake manager' : 'escrow'} hold OPEN`,
    done: (scene) => mayTake(scene, name, spender),
    ready: ({ world }) => balanceOf(world, name) > 0n,
    calls: ({ contracts }) => [call(contracts, 'Open', 'approve', [contracts.at(spender), MaxUint256], 100_000n)],
  };
}

function mayTake({ world, contracts }: Scene, name: PersonaName, spender: 'StakeManager' | 'InferenceEscrow'): boolean {
  return world.happened('Open.Approval', { owner: persona(name).address, spender: contracts.at(spender) });
}

function wrap(name: PersonaName, open: string, day: number): Act {
  const amount = parseEther(open);
  return {
    key: `wrap/${name}`,
    day,
    by: name,
    say: `${name} wrapped ${inOpen(open)} into votes`,
    done: ({ world }) => world.happened('GOPEN.Deposit', { sender: persona(name).address }),
    ready: (scene) => balanceOf(scene.world, name) >= amount && (!vests(name) || hasReleased(scene, name)),
    calls: ({ contracts }) => [
      call(contracts, 'Open', 'approve', [contracts.at('GOPEN'), amount], 100_000n),
      call(contracts, 'GOPEN', 'deposit', [amount]),
    ],
  };
}

function vests(name: PersonaName): name is 'carla' | 'elif' {
  return name === 'carla' || name === 'elif';
}

function delegation(name: PersonaName, to: PersonaName, day: number): Act {
  const [delegator, toDelegate] = [persona(name).address, persona(to).address];
  return {
    key: `delegate/${name}/${to}`,
    day,
    by: name,
    say: name === to ? `${name} took up the votes` : `${name} gave the votes to ${to}`,
    done: ({ world }) => world.happened('GOPEN.DelegateChanged', { delegator, toDelegate }),
    ready: ({ world }) => world.happened('GOPEN.Deposit', { sender: delegator }),
    calls: ({ contracts }) => [call(contracts, 'GOPEN', 'delegate', [toDelegate])],
  };
}

function stake([name, role, datanetId, open, day]: (typeof stakes)[number]): Act {
  const account = persona(name).address;
  return {
    key: `stake/${name}/${role}`,
    day,
    by: name,
    say: `${name} staked ${inOpen(open)} as ${role.toLowerCase()}`,
    done: ({ world }) =>
      world.happened('StakeManager.RoleStaked', {
        account,
        role: id(role),
        targetId: datanetId,
        amount: parseEther(open),
      }),
    ready: (scene) =>
      scene.world.datanets.has(datanetId) &&
      mayTake(scene, name, 'StakeManager') &&
      balanceOf(scene.world, name) >= parseEther(open),
    calls: ({ contracts }) => [
      call(contracts, 'StakeManager', 'stake', [id(role), datanetId, parseEther(open)], 350_000n),
    ],
  };
}

function stakeOf(world: Scene['world'], name: PersonaName): bigint | undefined {
  return world.latest('StakeManager.RoleStaked', { account: persona(name).address, role: id('VALIDATOR') })?.args
    .stakeId;
}

function deposits(name: PersonaName, open: string, day: number): readonly Act[] {
  const payer = persona(name).address;
  return [
    allowance(name, 'InferenceEscrow', day),
    {
      key: `escrow/deposit/${name}`,
      day: day + 0.05,
      by: name,
      say: `${name} deposited ${inOpen(open)} to pay models with`,
      done: ({ world }) => world.happened('InferenceEscrow.Deposited', { payer }),
      ready: (scene) => mayTake(scene, name, 'InferenceEscrow'),
      calls: ({ contracts }) => [call(contracts, 'InferenceEscrow', 'deposit', [parseEther(open)])],
    },
  ];
}

function inOpen(amount: string): string {
  return `${Number(amount).toLocaleString('en')} OPEN`;
}
