import { encodeBytes32String } from 'ethers';
import { contentUri, jsonContent } from '../contents.ts';
import { type PersonaName, persona } from '../personas.ts';
import { datanetOfTheme } from '../policies/contributing.ts';
import { call, type Scene } from '../scene.ts';
import { type Theme, themes } from '../themes.ts';
import type { Act } from './act.ts';

const paused = 2;
const active = 1;
const archived = 3;

const themeNamed = (name: string): Theme => themes.find((theme) => theme.name === name)!;
const solidity = themeNamed('Solidity & Smart Contracts');
const licences = themeNamed('Licence Texts');
const node = themeNamed('Node Operations');
const database = themeNamed('Database Internals');

const unsure = encodeBytes32String('LICENCE_UNCLEAR');

const longer = jsonContent({
  schema: 'openledger.datanet/1',
  name: solidity.name,
  description: solidity.description,
  guide: 'One file or one guide for each contribution. NatSpec comments with the signature they document are welcome.',
});

export const datanetActs: readonly Act[] = [
  ...themes.flatMap((theme) => [opening(theme), validators(theme)]),
  ...releaseNotes(),
  withDatanet(solidity, {
    key: 'metadata/solidity',
    day: 9.3,
    by: 'bruno',
    say: 'bruno told more about Solidity & Smart Contracts',
    contents: [longer],
    done: ({ world }, datanetId) => world.happened('DatanetRegistry.DatanetMetadataUpdated', { datanetId }),
    calls: (datanetId) => ['setMetadata', [datanetId, contentUri(longer), longer.hash]],
  }),
  withDatanet(licences, {
    key: 'rules/licences',
    day: 14.2,
    by: 'clio',
    say: 'clio handed the decisions on Licence Texts to two validators',
    done: ({ world }, datanetId) => world.happened('DatanetRegistry.DatanetRulesUpdated', { datanetId, quorum: 2n }),
    calls: (datanetId) => [
      'setRules',
      [datanetId, licences.minBond, licences.scoreThreshold, 2, licences.reviewWindow],
    ],
  }),
  withDatanet(node, {
    key: 'pause/node',
    day: 17.1,
    by: 'dmitri',
    say: 'dmitri paused Node Operations for half a day to sort it',
    done: ({ world }, datanetId) =>
      world.happened('DatanetRegistry.DatanetStatusUpdated', { datanetId, newStatus: BigInt(paused) }),
    calls: (datanetId) => ['setStatus', [datanetId, paused]],
  }),
  withDatanet(node, {
    key: 'resume/node',
    day: 17.6,
    by: 'dmitri',
    say: 'dmitri opened Node Operations again',
    done: ({ world }, datanetId) =>
      world.happened('DatanetRegistry.DatanetStatusUpdated', { datanetId, oldStatus: BigInt(paused) }),
    ready: ({ world }, datanetId) => world.datanets.get(datanetId)?.status === paused,
    calls: (datanetId) => ['setStatus', [datanetId, active]],
  }),
  withDatanet(database, {
    key: 'validator/database/viktor',
    day: 28.5,
    by: 'edda',
    say: 'edda asked viktor to stop validating Database Internals',
    done: ({ world }, datanetId) =>
      world.happened('DatanetRegistry.ValidatorSet', {
        datanetId,
        validator: persona('viktor').address,
        active: 'false',
      }),
    ready: ({ world }, datanetId) => world.datanets.get(datanetId)?.validators.has(persona('viktor').address) === true,
    calls: (datanetId) => ['setValidator', [datanetId, persona('viktor').address, false]],
  }),
  {
    key: 'takeBack/hana',
    day: 27.2,
    by: 'hana',
    say: 'hana took one of her contributions back: she is no longer sure of its licence',
    done: ({ world }) => world.happened('DatanetRegistry.ContributionRevoked', { reason: unsure }),
    ready: (scene) => lastAccepted(scene, 'hana') !== undefined,
    calls: (scene) => [
      call(scene.contracts, 'DatanetRegistry', 'withdrawContribution', [lastAccepted(scene, 'hana')!.id, unsure]),
    ],
  },
];

function opening(theme: Theme): Act {
  const content = jsonContent({ schema: 'openledger.datanet/1', name: theme.name, description: theme.description });
  const visibility = theme.visibility === 'public' ? 0 : 1;
  return {
    key: `open/${theme.name}`,
    day: theme.opens,
    by: theme.owner,
    say: `${theme.owner} opened the ${theme.visibility === 'private' ? 'private ' : ''}datanet ${theme.name}`,
    done: (scene) => datanetOfTheme(scene, theme) !== undefined,
    contents: [content],
    calls: ({ contracts }) => [
      call(
        contracts,
        'DatanetRegistry',
        'createDatanet',
        [
          theme.name,
          contentUri(content),
          content.hash,
          visibility,
          theme.minBond,
          theme.scoreThreshold,
          theme.quorum,
          theme.reviewWindow,
        ],
        400_000n,
      ),
    ],
  };
}

function validators(theme: Theme): Act {
  const missing = (scene: Scene, datanetId: bigint) =>
    theme.validators.filter(
      (name) => !scene.world.happened('DatanetRegistry.ValidatorSet', { datanetId, validator: persona(name).address }),
    );
  return {
    key: `validators/${theme.name}`,
    day: theme.opens,
    by: theme.owner,
    say: `${theme.owner} asked ${theme.validators.join(', ')} to validate ${theme.name}`,
    ready: (scene) => datanetOfTheme(scene, theme) !== undefined,
    done: (scene) => {
      const datanet = datanetOfTheme(scene, theme);
      return datanet !== undefined && missing(scene, datanet.id).length === 0;
    },
    calls: (scene) => {
      const { id } = datanetOfTheme(scene, theme)!;
      return missing(scene, id).map((name) =>
        call(scene.contracts, 'DatanetRegistry', 'setValidator', [id, persona(name).address, true], 100_000n),
      );
    },
  };
}

type DatanetAct = Pick<Act, 'key' | 'day' | 'by' | 'say' | 'contents'> & {
  done: (scene: Scene, datanetId: bigint) => boolean;
  ready?: (scene: Scene, datanetId: bigint) => boolean;
  /** A function of the registry and its arguments. */
  calls: (datanetId: bigint, scene: Scene) => readonly [string, readonly unknown[]];
};

/** An act on a theme's datanet, once that stands. */
export function withDatanet(theme: Theme, { done, ready, calls, ...act }: DatanetAct): Act {
  return {
    ...act,
    done: (scene) => {
      const datanet = datanetOfTheme(scene, theme);
      return datanet !== undefined && done(scene, datanet.id);
    },
    ready: (scene) => {
      const datanet = datanetOfTheme(scene, theme);
      return datanet !== undefined && (ready?.(scene, datanet.id) ?? true);
    },
    calls: (scene) => {
      const [name, args] = calls(datanetOfTheme(scene, theme)!.id, scene);
      return [call(scene.contracts, 'DatanetRegistry', name, args)];
    },
  };
}

/** A datanet that comes to nothing: opened, handed on, closed. */
function releaseNotes(): readonly Act[] {
  const name = 'Release Notes';
  const founder: PersonaName = 'ivan';
  const find = ({ world }: Scene) =>
    world.latest('DatanetRegistry.DatanetCreated', { owner: persona(founder).address, name })?.args.datanetId;
  const content = jsonContent({ schema: 'openledger.datanet/1', name, description: 'What changed in which release.' });
  return [
    {
      key: 'open/Release Notes',
      day: 12.4,
      by: founder,
      say: 'ivan opened the datanet Release Notes',
      done: (scene) => find(scene) !== undefined,
      contents: [content],
      calls: ({ contracts }) => [
        call(
          contracts,
          'DatanetRegistry',
          'createDatanet',
          [name, contentUri(content), content.hash, 0, 0, 0, 0, 86_400],
          400_000n,
        ),
      ],
    },
    {
      key: 'hand on/Release Notes',
      day: 33.5,
      by: founder,
      say: 'ivan handed Release Notes on to dmitri, and left',
      done: ({ world }) =>
        world.happened('DatanetRegistry.DatanetOwnershipTransferred', { from: persona(founder).address }),
      ready: (scene) => find(scene) !== undefined,
      calls: (scene) => [
        call(scene.contracts, 'DatanetRegistry', 'transferOwnership', [find(scene)!, persona('dmitri').address]),
      ],
    },
    {
      key: 'archive/Release Notes',
      day: 36.2,
      by: 'dmitri',
      say: 'dmitri archived Release Notes: nobody contributed to it',
      done: ({ world }) => world.happened('DatanetRegistry.DatanetStatusUpdated', { newStatus: BigInt(archived) }),
      ready: (scene) => {
        const datanetId = find(scene);
        return datanetId !== undefined && scene.world.datanets.get(datanetId)?.owner === persona('dmitri').address;
      },
      calls: (scene) => [call(scene.contracts, 'DatanetRegistry', 'setStatus', [find(scene)!, archived])],
    },
  ];
}

function lastAccepted({ world }: Scene, name: PersonaName) {
  return [...world.contributions.values()].findLast(
    ({ id, contributor, status }) =>
      contributor === persona(name).address &&
      status === 'accepted' &&
      ![...world.disputes.values()].some(({ contributionId }) => contributionId === id),
  );
}
