import { id, parseEther } from 'ethers';
import { contentUri, jsonContent } from '../contents.ts';
import type { PersonaName } from '../personas.ts';
import { persona } from '../personas.ts';
import { call, type Scene } from '../scene.ts';
import type { World } from '../world.ts';
import type { Act } from './act.ts';

/** The base that every adapter of the local stack is meant for. */
export const baseModel = 'openledger/base';

export const draft = 1;
export const active = 2;
export const withdrawn = 4;

/** A model that a builder means to make: on which datanet, and at what price. */
export type ModelPlan = {
  readonly name: string;
  readonly by: PersonaName;
  readonly description: string;
  /** The datanet that its versions are trained on; without one it is never trained. */
  readonly datanet?: string;
  readonly day: number;
  /** OPEN for 1,000 tokens in and out. */
  readonly pricing: readonly [string, string];
  /** What becomes of it, and when. One that nothing becomes of is opened with its first version. */
  readonly later: readonly (readonly [number, typeof active | typeof withdrawn])[];
};

/** In the order in which the models are registered. */
export const modelPlans: readonly ModelPlan[] = [
  {
    name: 'TypeScript Tutor',
    by: 'nora',
    datanet: 'TypeScript Handbook',
    description: 'Answers questions about types and the libraries around them. To be trained on TypeScript Handbook.',
    day: 10.5,
    pricing: ['0.02', '0.06'],
    later: [[13.5, active]],
  },
  {
    name: 'Contract Reviewer',
    by: 'nora',
    datanet: 'Solidity & Smart Contracts',
    description: 'Explains Solidity and points at what to look at. To be trained on Solidity & Smart Contracts.',
    day: 13.1,
    pricing: ['0.05', '0.15'],
    later: [[19.4, active]],
  },
  {
    name: 'Postgres Guide',
    by: 'omar',
    datanet: 'Database Internals',
    description: 'Helps with drivers, pools and queries. To be trained on Database Internals, with its owner’s leave.',
    day: 14.4,
    pricing: ['0.03', '0.09'],
    later: [],
  },
  {
    name: 'Release Note Writer',
    by: 'omar',
    description: 'Writes release notes. Was to be trained on Release Notes, which came to nothing.',
    day: 18.2,
    pricing: ['0.01', '0.02'],
    later: [[36.8, withdrawn]],
  },
  {
    name: 'On-call Helper',
    by: 'nora',
    datanet: 'Node Operations',
    description: 'Helps whoever runs Node services. To be trained on Node Operations.',
    day: 26.3,
    pricing: ['0.01', '0.03'],
    later: [],
  },
  {
    name: 'Licence Clerk',
    by: 'omar',
    datanet: 'Licence Texts',
    description: 'Continues and compares licences, for nothing. To be trained on Licence Texts.',
    day: 29.6,
    pricing: ['0', '0'],
    later: [],
  },
];

/** The number of a model on chain, once it is registered. */
export function modelNamed(world: World, { name, by }: Pick<ModelPlan, 'name' | 'by'>): bigint | undefined {
  return world.latest('ModelRegistry.ModelRegistered', { owner: persona(by).address, name })?.args.modelId;
}

/** A model's status, as the registry counts them. */
export function statusOf(world: World, modelId: bigint): number {
  return Number(world.latest('ModelRegistry.ModelStatusUpdated', { modelId })?.args.newStatus ?? draft);
}

export const modelActs: readonly Act[] = modelPlans.flatMap(({ name, by, description, day, pricing, later }) => {
  const find = ({ world }: Scene) => modelNamed(world, { name, by });
  const content = jsonContent({ schema: 'openledger.model/1', name, description, base: baseModel });
  const on = (
    key: string,
    from: number,
    say: string,
    event: string,
    args: Record<string, bigint>,
    fn: string,
    values: readonly unknown[],
  ): Act => ({
    key: `${key}/${name}`,
    day: from,
    by,
    say,
    ready: (scene) => find(scene) !== undefined,
    done: (scene) => {
      const modelId = find(scene);
      return modelId !== undefined && scene.world.happened(`ModelRegistry.${event}`, { modelId, ...args });
    },
    calls: (scene) => [call(scene.contracts, 'ModelRegistry', fn, [find(scene)!, ...values])],
  });
  return [
    {
      key: `register/${name}`,
      day,
      by,
      say: `${by} registered the model ${name}`,
      done: (scene) => find(scene) !== undefined,
      contents: [content],
      calls: ({ contracts }) => [
        call(contracts, 'ModelRegistry', 'registerModel', [id(baseModel), name, contentUri(content)]),
      ],
    },
    on(
      'price',
      day + 0.1,
      `${by} set the price of ${name}`,
      'ModelPricingUpdated',
      {},
      'setPricing',
      pricing.map(parseEther),
    ),
    ...later.map(([from, status]) =>
      on(
        `status ${status}`,
        from,
        `${by} ${status === active ? 'opened' : 'withdrew'} ${name}`,
        'ModelStatusUpdated',
        { oldStatus: BigInt(draft), newStatus: BigInt(status) },
        'setStatus',
        [status],
      ),
    ),
  ];
});
