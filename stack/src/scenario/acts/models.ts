import { id, parseEther } from 'ethers';
import { contentUri, jsonContent } from '../contents.ts';
import type { PersonaName } from '../personas.ts';
import { persona } from '../personas.ts';
import { call, type Scene } from '../scene.ts';
import type { Act } from './act.ts';

/** The base that every adapter of the local stack is meant for. */
const baseModel = 'openledger/base';

const draft = 1;
const active = 2;
const withdrawn = 4;

type ModelPlan = {
  readonly name: string;
  readonly by: PersonaName;
  readonly description: string;
  readonly day: number;
  /** OPEN for 1,000 tokens in and out. */
  readonly pricing: readonly [string, string];
  /** What becomes of it, and when. Until a worker has trained a version, there is nothing to serve. */
  readonly later: readonly (readonly [number, typeof active | typeof withdrawn])[];
};

const plans: readonly ModelPlan[] = [
  {
    name: 'TypeScript Tutor',
    by: 'nora',
    description: 'Answers questions about types and the libraries around them. To be trained on TypeScript Handbook.',
    day: 10.5,
    pricing: ['0.02', '0.06'],
    later: [[13.5, active]],
  },
  {
    name: 'Contract Reviewer',
    by: 'nora',
    description: 'Explains Solidity and points at what to look at. To be trained on Solidity & Smart Contracts.',
    day: 13.1,
    pricing: ['0.05', '0.15'],
    later: [[19.4, active]],
  },
  {
    name: 'Postgres Guide',
    by: 'omar',
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
];

export const modelActs: readonly Act[] = plans.flatMap(({ name, by, description, day, pricing, later }) => {
  const owner = persona(by).address;
  const find = ({ world }: Scene): bigint | undefined =>
    world.latest('ModelRegistry.ModelRegistered', { owner, name })?.args.modelId;
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
