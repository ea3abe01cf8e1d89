import { parseEther } from 'ethers';
import type { Hex } from '../call.ts';
import { datanetStatus } from '../shadow/datanets.ts';
import { call, deadline, find, findOrAny, maybeFlaw, nonceOf, type Plan, sign, type World } from '../world.ts';

function randomRules({ random }: World): [minBond: bigint, threshold: bigint, quorum: bigint, window: bigint] {
  const minBond = random.chance(0.15) ? 0n : random.amount(1n, parseEther('20'));
  const quorum = BigInt(random.pick([0, 1, 1, 2, 2, 3]));
  return [minBond, BigInt(random.between(3, 7)) * 10n ** 17n, quorum, BigInt(random.between(60, 300))];
}

const anyDatanet = (w: World) => findOrAny(w, w.shadow.datanets, ({ status }) => status === datanetStatus.active);

/** A submission's datanet, content, address, licence and rows; sometimes content that is there already. */
function submission(w: World) {
  const { random, shadow } = w;
  const target = anyDatanet(w);
  if (!target) return undefined;
  const known = random.chance(0.05) ? find(w, shadow.contributions, () => true) : undefined;
  const contentHash = known?.[1].contentHash ?? random.bytes32();
  const rows = random.chance(0.03) ? 2n ** 64n - 1n : BigInt(random.between(1, 500));
  return { datanetId: target[0], contentHash, uri: 'ipfs://data', licenseId: random.bytes32(), rows };
}

const relayPair = (w: World): [Hex, Hex] => [
  w.random.pick(w.stage.cast.contributors),
  w.random.pick(w.stage.cast.relayers),
];

export const communityPlans: readonly Plan[] = [
  {
    name: 'create a datanet',
    weight: 3,
    make(w) {
      if (w.shadow.datanets.size >= 10 && w.random.chance(0.9)) return undefined;
      const visible = w.random.chance(0.25) ? 1n : 0n;
      const args = ['datanet', 'ipfs://about', w.random.bytes32(), visible, ...randomRules(w)];
      return call('DatanetRegistry', 'createDatanet', w.random.pick(w.stage.cast.owners), args);
    },
  },
  {
    name: 'look after a datanet',
    weight: 5,
    make(w) {
      const target = find(w, w.shadow.datanets, () => true);
      if (!target) return undefined;
      const [datanetId, { owner, status }] = target;
      const { random } = w;
      const from = random.chance(0.9) ? owner : random.pick(w.stage.cast.everyone);
      const next = status === datanetStatus.active && random.chance(0.3) ? datanetStatus.paused : datanetStatus.active;
      return random.pick([
        call('DatanetRegistry', 'setRules', from, [datanetId, ...randomRules(w)]),
        call('DatanetRegistry', 'setStatus', from, [datanetId, next]),
        call('DatanetRegistry', 'setMetadata', from, [datanetId, 'ipfs://news', random.bytes32()]),
        call('DatanetRegistry', 'transferOwnership', from, [datanetId, random.pick(w.stage.cast.owners)]),
      ]);
    },
  },
  {
    name: 'appoint a validator',
    weight: 12,
    make(w) {
      const validator = w.random.pick([...w.stage.cast.validators, w.random.pick(w.stage.cast.everyone)]);
      const target = find(
        w,
        w.shadow.datanets,
        (_, datanetId) => !w.shadow.validators.get(`${datanetId} ${validator}`),
      );
      if (!target) return undefined;
      const args = [target[0], validator, w.random.chance(0.97)];
      return call('DatanetRegistry', 'setValidator', target[1].owner, args);
    },
  },
  {
    name: 'authorise a relayer',
    weight: 4,
    make(w) {
      const [account, relayer] = relayPair(w);
      const args = [relayer, w.shadow.now + BigInt(w.random.between(50, 3_000))];
      return call('DatanetRegistry', 'authorizeRelayer', account, args);
    },
  },
  {
    name: 'authorise a relayer by signature',
    weight: 6,
    make(w) {
      const [account, relayer] = relayPair(w);
      const [expiresAt, until] = [w.shadow.now + BigInt(w.random.between(50, 3_000)), deadline(w)];
      const flaw = maybeFlaw(w.random, 0.2);
      const values = [account, relayer, expiresAt, nonceOf(w, 'DatanetRegistry', account), until];
      const signature = sign(w, account, 'RelayerAuthorization', values, flaw);
      const args = [account, relayer, expiresAt, until, signature];
      return call('DatanetRegistry', 'authorizeRelayerWithSignature', relayer, args, flaw !== undefined);
    },
  },
  {
    name: 'revoke a relayer',
    weight: 3,
    make(w) {
      const pair = find(w, w.shadow.relayers, (until) => until > 0n)?.[0].split(' ') as [Hex, Hex] | undefined;
      if (!pair) return undefined;
      const [account, relayer] = pair;
      const keyed = w.stage.keys.has(account) || w.stage.setting.wallets.has(account);
      if (!keyed || w.random.chance(0.4)) return call('DatanetRegistry', 'revokeRelayer', account, [relayer]);
      const [until, flaw] = [deadline(w), maybeFlaw(w.random, 0.2)];
      const values = [account, relayer, nonceOf(w, 'DatanetRegistry', account), until];
      const signature = sign(w, account, 'RelayerRevocation', values, flaw);
      const from = w.random.pick(w.stage.cast.everyone);
      const args = [account, relayer, until, signature];
      return call('DatanetRegistry', 'revokeRelayerWithSignature', from, args, flaw !== undefined);
    },
  },
  {
    name: 'contribute',
    weight: 22,
    make(w) {
      const s = submission(w);
      if (!s) return undefined;
      const args = [s.datanetId, s.contentHash, s.uri, s.licenseId, s.rows];
      return call('DatanetRegistry', 'submitContribution', w.random.pick(w.stage.cast.contributors), args);
    },
  },
  {
    name: 'contribute through a relayer',
    weight: 8,
    make(w) {
      const s = submission(w);
      if (!s) return undefined;
      const live = find(w, w.shadow.relayers, (until) => until > w.shadow.now)?.[0].split(' ') as
        | [Hex, Hex]
        | undefined;
      const [contributor, relayer] = live && w.random.chance(0.8) ? live : relayPair(w);
      const args = [contributor, s.datanetId, s.contentHash, s.uri, s.licenseId, s.rows];
      return call('DatanetRegistry', 'submitContributionFor', relayer, args);
    },
  },
  {
    name: 'contribute by signature',
    weight: 8,
    make(w) {
      const s = submission(w);
      if (!s) return undefined;
      const [contributor, relayer] = relayPair(w);
      const flaw = maybeFlaw(w.random, 0.25);
      const values = [contributor, s.datanetId, s.contentHash, s.uri, s.licenseId, s.rows, deadline(w)];
      const signature = sign(w, contributor, 'Contribution', values, flaw);
      const args = [...values, signature];
      return call('DatanetRegistry', 'submitContributionWithSignature', relayer, args, flaw !== undefined);
    },
  },
  {
    name: 'publish a datanet version',
    weight: 6,
    make(w) {
      const target = findOrAny(w, w.shadow.datanets, ({ accepted }) => accepted > 0n);
      if (!target) return undefined;
      const [datanetId, { owner, accepted, acceptedRows }] = target;
      const more = w.random.chance(0.1) ? 1n : 0n;
      const args = [datanetId, w.random.bytes32(), accepted + more, acceptedRows, 'ipfs://version'];
      return call('DatanetRegistry', 'publishVersion', owner, args);
    },
  },
  {
    name: 'ask for, give and take access',
    weight: 5,
    make(w) {
      const target = find(w, w.shadow.datanets, () => true);
      if (!target) return undefined;
      const [datanetId, { owner }] = target;
      const grantee = w.random.pick(w.stage.cast.owners);
      const until = w.shadow.now + BigInt(w.random.between(-5, 2_000));
      return w.random.pick([
        call('DatanetRegistry', 'requestAccess', grantee, [datanetId, 'to train']),
        call('DatanetRegistry', 'grantAccess', owner, [datanetId, grantee, until]),
        call('DatanetRegistry', 'grantAccess', owner, [datanetId, grantee, until]),
        call('DatanetRegistry', 'revokeAccess', owner, [datanetId, grantee]),
      ]);
    },
  },
];
