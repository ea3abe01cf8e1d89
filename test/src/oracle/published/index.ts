import { log } from '../activity.ts';
import type { ChainEvent } from '../event.ts';
import type { Fold } from '../state.ts';
import { governor } from './governor.ts';
import { airdrop, staking } from './staking.ts';
import { token } from './tokens.ts';

// OpenLedger's published contracts, each chain by itself. Nothing of them is in the protocol's tables but their activity.

/** OPEN on Ethereum; WOPEN, GOPEN, the Governor, Staking and airdrops on the L2. */
export const published: Fold = (state, event) => {
  switch (event.contract) {
    case 'EthereumOpen':
    case 'L2Wopen':
    case 'L2Gopen':
      token(state, event);
      break;
    case 'L2Governor':
      governor(state, event);
      break;
    case 'L2Staking':
      staking(state, event);
      break;
    case 'L2Airdrop':
      airdrop(state, event);
  }
  const actor = actors[event.name];
  const account = actor?.find((name) => event.has(name));
  log(state, event, account === undefined ? event.place.sender : event.text(account), subjectOf(event));
};

/** Who caused an event, by what its arguments are called; elsewhere the sender of the transaction. */
const actors: Readonly<Record<string, readonly string[]>> = {
  Approval: ['owner'],
  Deposit: ['dst', 'sender'],
  Withdrawal: ['src'],
  DelegateChanged: ['delegator'],
  ProposalCreated: ['proposer'],
  VoteCast: ['voter'],
  VoteCastWithParams: ['voter'],
  AirdropClaimed: ['account'],
};

function subjectOf(event: ChainEvent): { readonly type: string; readonly id: string } {
  if (event.has('proposalId')) return { type: 'published_proposal', id: String(event.big('proposalId')) };
  if (event.has('stakingId')) return { type: 'published_staking', id: String(event.big('stakingId')) };
  switch (event.name) {
    case 'Deposit':
    case 'Withdrawal':
    case 'DelegateChanged':
    case 'AirdropClaimed':
      return { type: 'account', id: event.text(actors[event.name]!.find((name) => event.has(name))!) };
    case 'DelegateVotesChanged':
      return { type: 'account', id: event.text('delegate') };
    case 'Transfer':
    case 'Approval':
      return { type: 'token', id: event.place.address };
    default:
      return { type: 'contract', id: event.place.address };
  }
}
