import type { Hex } from '../call.ts';
import { contributionHandlers } from './contributions.ts';
import { internalOnly } from './governed.ts';
import type { DatanetRecord } from './records.ts';
import { mustBeSigned, useNonce } from './signatures.ts';
import { type Handlers, notPaused, one, patch, put, refuse, type Shadow, zeroAddress } from './state.ts';

export const visibility = { public: 0n, private: 1n };
export const datanetStatus = { active: 1n, paused: 2n, archived: 3n };
const maxReviewWindow = 90n * 86_400n;

export function existingDatanet(s: Shadow, datanetId: bigint): DatanetRecord {
  return s.datanets.get(datanetId) ?? refuse(0, `datanet ${datanetId} does not exist`);
}

export function ownedDatanet(s: Shadow, from: Hex, datanetId: bigint): DatanetRecord {
  const datanet = existingDatanet(s, datanetId);
  if (datanet.owner !== from) refuse(0, `${from} does not own datanet ${datanetId}`);
  return datanet;
}

export function mayRead(s: Shadow, datanetId: bigint, account: Hex): boolean {
  const datanet = existingDatanet(s, datanetId);
  const until = s.access.get(`${datanetId} ${account}`) ?? 0n;
  return datanet.visibility === visibility.public || datanet.owner === account || until > s.now;
}

function checkRules(threshold: bigint, quorum: bigint, window: bigint): void {
  if (threshold > one || quorum > 21n || window === 0n || window > maxReviewWindow) refuse(0, 'rules out of range');
}

function authorize(s: Shadow, account: Hex, relayer: Hex, expiresAt: bigint): void {
  notPaused(s, 'DatanetRegistry');
  if (relayer === zeroAddress) refuse(0, 'nobody cannot be a relayer');
  if (expiresAt <= s.now) refuse(0, 'the authorisation would have expired');
  put(s, s.relayers, `${account} ${relayer}`, expiresAt);
}

function revoke(s: Shadow, account: Hex, relayer: Hex): void {
  if ((s.relayers.get(`${account} ${relayer}`) ?? 0n) === 0n) refuse(0, 'not a relayer');
  put(s, s.relayers, `${account} ${relayer}`, 0n);
}

export const datanetHandlers: Handlers = {
  ...contributionHandlers,
  createDatanet(s, from, args) {
    const [name, , , visible, minBond, scoreThreshold, quorum, reviewWindow] = args as [
      string,
      string,
      Hex,
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    notPaused(s, 'DatanetRegistry');
    if (name === '') refuse(0, 'a datanet needs a name');
    if (visible > 1n) refuse(0, 'no such visibility');
    checkRules(scoreThreshold, quorum, reviewWindow);
    put(s, s.datanets, BigInt(s.datanets.size + 1), {
      owner: from,
      status: datanetStatus.active,
      visibility: visible,
      minBond,
      scoreThreshold,
      quorum,
      reviewWindow,
      accepted: 0n,
      acceptedRows: 0n,
      versions: 0n,
    });
  },
  setRules(s, from, args) {
    const [datanetId, minBond, scoreThreshold, quorum, reviewWindow] = args as [bigint, bigint, bigint, bigint, bigint];
    const datanet = ownedDatanet(s, from, datanetId);
    checkRules(scoreThreshold, quorum, reviewWindow);
    patch(s, datanet, { minBond, scoreThreshold, quorum, reviewWindow });
  },
  setMetadata(s, from, args) {
    ownedDatanet(s, from, args[0] as bigint);
  },
  setStatus(s, from, args) {
    const [datanetId, status] = args as [bigint, bigint];
    const datanet = ownedDatanet(s, from, datanetId);
    if (status < 1n || status > 3n || status === datanet.status) refuse(0, 'no such change of status');
    patch(s, datanet, { status });
  },
  transferOwnership(s, from, args) {
    const [datanetId, to] = args as [bigint, Hex];
    const datanet = ownedDatanet(s, from, datanetId);
    if (to === zeroAddress) refuse(0, 'nobody cannot own a datanet');
    patch(s, datanet, { owner: to });
  },
  setValidator(s, from, args) {
    const [datanetId, validator, active] = args as [bigint, Hex, boolean];
    ownedDatanet(s, from, datanetId);
    if (validator === zeroAddress) refuse(0, 'nobody cannot validate');
    put(s, s.validators, `${datanetId} ${validator}`, active);
  },
  authorizeRelayer(s, from, args) {
    const [relayer, expiresAt] = args as [Hex, bigint];
    authorize(s, from, relayer, expiresAt);
  },
  authorizeRelayerWithSignature(s, _, args) {
    const [account, relayer, expiresAt, deadline, signature] = args as [Hex, Hex, bigint, bigint, string];
    const nonce = useNonce(s, 'DatanetRegistry', account);
    if (s.now > deadline) refuse(5, 'the signature has expired');
    mustBeSigned(s, account, 'RelayerAuthorization', [account, relayer, expiresAt, nonce, deadline], signature);
    authorize(s, account, relayer, expiresAt);
  },
  revokeRelayer(s, from, args) {
    revoke(s, from, args[0] as Hex);
  },
  revokeRelayerWithSignature(s, _, args) {
    const [account, relayer, deadline, signature] = args as [Hex, Hex, bigint, string];
    const nonce = useNonce(s, 'DatanetRegistry', account);
    if (s.now > deadline) refuse(5, 'the signature has expired');
    mustBeSigned(s, account, 'RelayerRevocation', [account, relayer, nonce, deadline], signature);
    revoke(s, account, relayer);
  },
  publishVersion(s, from, args) {
    const [datanetId, root, contributions, rows] = args as [bigint, Hex, bigint, bigint];
    notPaused(s, 'DatanetRegistry');
    const datanet = ownedDatanet(s, from, datanetId);
    if (BigInt(root) === 0n || contributions === 0n) refuse(0, 'an empty version');
    if (contributions > datanet.accepted || rows > datanet.acceptedRows) refuse(0, 'more than was accepted');
    put(s, s.dataRoots, `${datanetId} ${datanet.versions + 1n}`, root);
    patch(s, datanet, { versions: datanet.versions + 1n });
  },
  requestAccess(s, _, args) {
    notPaused(s, 'DatanetRegistry');
    existingDatanet(s, args[0] as bigint);
  },
  grantAccess(s, from, args) {
    const [datanetId, grantee, expiresAt] = args as [bigint, Hex, bigint];
    ownedDatanet(s, from, datanetId);
    if (grantee === zeroAddress) refuse(0, 'nobody cannot be granted access');
    if (expiresAt <= s.now) refuse(0, 'the access would have expired');
    put(s, s.access, `${datanetId} ${grantee}`, expiresAt);
  },
  revokeAccess(s, from, args) {
    const [datanetId, grantee] = args as [bigint, Hex];
    ownedDatanet(s, from, datanetId);
    if ((s.access.get(`${datanetId} ${grantee}`) ?? 0n) === 0n) refuse(0, 'no access to take away');
    put(s, s.access, `${datanetId} ${grantee}`, 0n);
  },
  revokeContribution: internalOnly(0),
};
