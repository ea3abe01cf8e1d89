import type { ChainStatus } from '../checkpoints.ts';
import type { Contract } from '../contracts.ts';
import type { IndexStatus, Lag } from '../status.ts';
import { builder } from './builder.ts';

const IndexLag = builder.objectRef<Lag>('IndexLag').implement({
  description: 'How far the index is behind the chain.',
  fields: (t) => ({
    blocks: t.field({ type: 'BigInt', description: 'In blocks.', resolve: ({ blocks }) => blocks }),
    seconds: t.field({
      type: 'BigInt',
      description: 'In seconds between the two blocks.',
      resolve: ({ seconds }) => seconds,
    }),
  }),
});

const DeployedContract = builder.objectRef<Contract>('Contract').implement({
  description: 'A contract of the protocol on this chain.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    address: t.field({ type: 'Address', description: 'Where it is.', resolve: ({ address }) => address }),
  }),
});

const IndexedChain = builder.objectRef<ChainStatus>('ChainStatus').implement({
  description: 'How far the index of one chain is.',
  fields: (t) => ({
    chainId: t.field({ type: 'BigInt', description: 'The chain.', resolve: ({ chainId }) => chainId }),
    name: t.exposeString('name', {
      description: 'What it is called here: openledger for the protocol’s, else ethereum or l2.',
    }),
    block: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Its last block indexed; null for moments after the indexer has restarted.',
      resolve: ({ indexed }) => indexed?.block,
    }),
    timestamp: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The time of that block.',
      resolve: ({ indexed }) => indexed?.timestamp,
    }),
    finalBlock: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Its newest block that can no longer be taken back; null when only the time of finality is known.',
      resolve: ({ finalBlock }) => finalBlock,
    }),
    finalTimestamp: t.field({
      type: 'DateTime',
      description: 'Up to this time nothing on it can be taken back any more.',
      resolve: ({ finalTimestamp }) => finalTimestamp,
    }),
  }),
});

const Meta = builder.objectRef<IndexStatus>('Meta').implement({
  description: 'How fresh everything else in the answer is.',
  fields: (t) => ({
    block: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'The last block indexed; null while the indexer is starting.',
      resolve: ({ own }) => own?.indexed?.block,
    }),
    timestamp: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The time of that block.',
      resolve: ({ own }) => own?.indexed?.timestamp,
    }),
    headBlock: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'The newest block of the chain that its nodes have told of; null until one has answered.',
      resolve: ({ head }) => head?.block,
    }),
    headSeenAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When they did: seconds ago, unless none answers any more.',
      resolve: ({ head }) => head?.seenAt,
    }),
    finalBlock: t.field({
      type: 'BigInt',
      nullable: true,
      description:
        'The newest block that can no longer be taken back; null while the indexer is starting, or when only the time of finality is known.',
      resolve: ({ own }) => own?.finalBlock,
    }),
    finalTimestamp: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Up to this time nothing can be taken back any more; null while the indexer is starting.',
      resolve: ({ own }) => own?.finalTimestamp,
    }),
    lag: t.field({
      type: IndexLag,
      nullable: true,
      description:
        'How far the last block indexed is behind the head; null when either is unknown, as when no node answers.',
      resolve: ({ lag }) => lag,
    }),
    ready: t.exposeBoolean('ready', { description: 'Whether the index is published and caught up with the chain.' }),
    reason: t.string({
      nullable: true,
      description: 'Why it is not ready, and what its operator has to do where waiting does not help; null when it is.',
      resolve: ({ reason, remedy }) => [reason, remedy].filter((text) => text !== null).join(' ') || null,
    }),
    chains: t.field({
      type: [IndexedChain],
      description: 'Every chain in the index, by its id; the fields beside this one are about the protocol’s.',
      resolve: ({ chains }) => chains,
    }),
    chainId: t.field({
      type: 'BigInt',
      description: 'The chain that the protocol’s contracts are on.',
      resolve: (_meta, _args, { deployment }) => deployment.chainId,
    }),
    contracts: t.field({
      type: [DeployedContract],
      description: 'The protocol’s contracts on it.',
      resolve: (_meta, _args, { deployment }) => deployment.contracts,
    }),
  }),
});

builder.queryField('_meta', (t) =>
  t.field({
    type: Meta,
    description: 'How fresh the index is, and which chain and contracts it is of.',
    resolve: (_root, _args, { status }) => status(),
  }),
);
