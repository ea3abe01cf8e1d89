import { messageDigest } from '@openledger/protocol';
import { SigningKey } from 'ethers';
import { type PersonaName, persona, personaKey } from '../personas.ts';
import { call, days } from '../scene.ts';
import { themes } from '../themes.ts';
import type { Act } from './act.ts';
import { withDatanet } from './datanets.ts';

const database = themes.find(({ visibility }) => visibility === 'private')!;

export const accessActs: readonly Act[] = [
  request('omar', 11.2, 'To train a guide to Postgres on it, for people who run small services.'),
  grant('omar', 11.9, 120),
  request('ivan', 14.3, 'Just looking.'),
  request('nora', 20.1, 'To compare it with what the public datanets have on databases.'),
  grant('nora', 20.8, 60),
  withDatanet(database, {
    key: 'revoke/nora',
    day: 31.4,
    by: 'edda',
    say: 'edda ended nora’s access to Database Internals',
    done: ({ world }, datanetId) =>
      world.happened('DatanetRegistry.AccessRevoked', { datanetId, grantee: persona('nora').address }),
    ready: ({ world }, datanetId) =>
      world.happened('DatanetRegistry.AccessGranted', { datanetId, grantee: persona('nora').address }),
    calls: (datanetId) => ['revokeAccess', [datanetId, persona('nora').address]],
  }),
  {
    key: 'relayer/kofi',
    day: 15.6,
    by: 'rio',
    say: 'kofi let rio submit for him, by signature alone',
    done: ({ world }) => world.happened('DatanetRegistry.RelayerAuthorized', { account: persona('kofi').address }),
    calls: ({ contracts, now }) => {
      const [account, relayer] = [persona('kofi').address, persona('rio').address];
      const authorization = {
        account,
        relayer,
        expiresAt: BigInt(now + 365 * days),
        nonce: 0n,
        deadline: BigInt(now + days),
      };
      const scope = { chainId: contracts.manifest.chainId, verifyingContract: contracts.at('DatanetRegistry') };
      const digest = messageDigest('RelayerAuthorization', scope, authorization);
      return [
        call(contracts, 'DatanetRegistry', 'authorizeRelayerWithSignature', [
          account,
          relayer,
          authorization.expiresAt,
          authorization.deadline,
          new SigningKey(personaKey('kofi')).sign(digest).serialized,
        ]),
      ];
    },
  },
  {
    key: 'relayer/lena',
    day: 24.4,
    by: 'lena',
    say: 'lena let rio submit for her',
    done: ({ world }) => world.happened('DatanetRegistry.RelayerAuthorized', { account: persona('lena').address }),
    calls: ({ contracts, now }) => [
      call(contracts, 'DatanetRegistry', 'authorizeRelayer', [persona('rio').address, now + 90 * days]),
    ],
  },
  {
    key: 'relayer/lena/end',
    day: 29.3,
    by: 'lena',
    say: 'lena submits for herself again',
    done: ({ world }) => world.happened('DatanetRegistry.RelayerRevoked', { account: persona('lena').address }),
    ready: ({ world }) => world.happened('DatanetRegistry.RelayerAuthorized', { account: persona('lena').address }),
    calls: ({ contracts }) => [call(contracts, 'DatanetRegistry', 'revokeRelayer', [persona('rio').address])],
  },
];

function request(name: PersonaName, day: number, purpose: string): Act {
  const grantee = persona(name).address;
  return withDatanet(database, {
    key: `request/${name}`,
    day,
    by: name,
    say: `${name} asked for access to Database Internals`,
    done: ({ world }, datanetId) => world.happened('DatanetRegistry.AccessRequested', { datanetId, grantee }),
    calls: (datanetId) => ['requestAccess', [datanetId, purpose]],
  });
}

function grant(name: PersonaName, day: number, forDays: number): Act {
  const grantee = persona(name).address;
  return withDatanet(database, {
    key: `grant/${name}`,
    day,
    by: 'edda',
    say: `edda gave ${name} access to Database Internals for ${forDays} days`,
    done: ({ world }, datanetId) => world.happened('DatanetRegistry.AccessGranted', { datanetId, grantee }),
    ready: ({ world }, datanetId) => world.happened('DatanetRegistry.AccessRequested', { datanetId, grantee }),
    calls: (datanetId, { now }) => ['grantAccess', [datanetId, grantee, now + forDays * days]],
  });
}
