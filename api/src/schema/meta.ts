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

const Meta = builder.objectRef<IndexStatus>('Meta').implement({
  description: 'How fresh everything else in the answer is.',
  fields: (t) => ({
    block: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'The last block indexed; null while the indexer is starting.',
      resolve: ({ indexed }) => indexed?.block,
    }),
    timestamp: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'The time of that block.',
      resolve: ({ indexed }) => indexed?.timestamp,
    }),
    lag: t.field({
      type: IndexLag,
      nullable: true,
      description: 'How far that is behind the chain; null when the chain’s node does not answer.',
      resolve: ({ lag }) => lag,
    }),
    ready: t.exposeBoolean('ready', { description: 'Whether the index is published and caught up with the chain.' }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why it is not ready; null when it is.' }),
    chainId: t.field({
      type: 'BigInt',
      description: 'The chain that is indexed.',
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
