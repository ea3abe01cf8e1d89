import type { ChainEvent } from './event.ts';
import { change, created, type Fold, nameIn, type Row, type State } from './state.ts';

const visibilities = ['public', 'private'];
const statuses = ['none', 'active', 'paused', 'archived'];

/** Indexes cannot hold any text: the first 200 code points of a name. */
export const clipped = (name: string): string => [...name].slice(0, 200).join('');

/** A contributor's row in a datanet; the first submission or penalty makes it. */
export function contributorIn(state: State, event: ChainEvent, datanetId: bigint, contributor: string) {
  return state.tables.datanetContributor.open(
    (): Row<'datanetContributor'> => ({
      datanetId,
      contributor,
      submitted: 0,
      accepted: 0,
      rejected: 0,
      revoked: 0,
      rows: 0n,
      penalty: 0n,
      attributed: 0n,
      lastSubmittedAt: 0n,
      ...created(event),
    }),
    datanetId,
    contributor,
  );
}

/** DatanetRegistry: datanets, their rules, versions, validators and who may read them. */
export const datanets: Fold = (state, event) => {
  const { tables } = state;
  const rewrite = (columns: Partial<Row<'datanet'>>) =>
    change(tables.datanet.get(event.big('datanetId')), event, columns);
  switch (event.name) {
    case 'DatanetCreated':
      tables.datanet.put(
        {
          id: event.big('datanetId'),
          owner: event.text('owner'),
          name: clipped(event.text('name')),
          uri: event.text('uri'),
          uriHash: event.text('uriHash'),
          visibility: nameIn(visibilities, event.big('visibility')),
          status: 'active',
          // createDatanet announces its rules next, in the same call.
          minBond: 0n,
          scoreThreshold: 0n,
          quorum: 0,
          reviewWindow: 0n,
          contributions: 0,
          pending: 0,
          accepted: 0,
          rejected: 0,
          revoked: 0,
          contributors: 0,
          rows: 0n,
          latestVersion: 0,
          trainings: 0,
          attributed: 0n,
          ...created(event),
        },
        event.big('datanetId'),
      );
      return;
    case 'DatanetMetadataUpdated':
      return rewrite({ uri: event.text('uri'), uriHash: event.text('uriHash') });
    case 'DatanetStatusUpdated':
      return rewrite({ status: nameIn(statuses, event.big('newStatus')) });
    case 'DatanetOwnershipTransferred':
      return rewrite({ owner: event.text('to') });
    case 'DatanetRulesUpdated':
      return rewrite({
        minBond: event.big('minBond'),
        scoreThreshold: event.big('scoreThreshold'),
        quorum: event.int('quorum'),
        reviewWindow: event.big('reviewWindow'),
      });
    case 'DatanetVersionPublished':
      tables.datanetVersion.put(
        {
          datanetId: event.big('datanetId'),
          version: event.int('version'),
          dataRoot: event.text('dataRoot'),
          contributions: event.big('contributions'),
          rows: event.big('rows'),
          uri: event.text('uri'),
          ...created(event),
        },
        event.big('datanetId'),
        event.int('version'),
      );
      return rewrite({ latestVersion: event.int('version') });
    case 'ModelTrainedOn':
      return rewrite({ trainings: tables.datanet.get(event.big('datanetId')).trainings + 1 });
    case 'ValidatorSet':
      return setValidator(state, event);
    case 'AccessRequested':
      return requestAccess(state, event);
    case 'AccessGranted':
      return setAccess(state, event, { status: 'granted', expiresAt: event.big('expiresAt') });
    case 'AccessRevoked':
      return setAccess(state, event, { status: 'revoked', expiresAt: 0n });
    case 'PenaltyUpdated':
      return change(contributorIn(state, event, event.big('datanetId'), event.text('contributor')), event, {
        penalty: event.big('newScore'),
      });
  }
};

function setValidator({ tables }: State, event: ChainEvent): void {
  const datanetId = event.big('datanetId');
  const validator = event.text('validator');
  const row = tables.datanetValidator.open(
    () => ({ datanetId, validator, active: false, commits: 0, scores: 0, ...created(event) }),
    datanetId,
    validator,
  );
  change(row, event, { active: event.flag('active') });
}

/** Who may read already, and asks, goes on reading: the contract's hasAccess looks at the expiry alone. */
function requestAccess(state: State, event: ChainEvent): void {
  const row = state.tables.datanetAccess.find(event.big('datanetId'), event.text('grantee'));
  const runs = row !== undefined && row.expiresAt > event.timestamp;
  setAccess(state, event, {
    purpose: event.text('purpose'),
    ...(!runs && { status: 'requested', expiresAt: 0n }),
  });
}

function setAccess({ tables }: State, event: ChainEvent, columns: Partial<Row<'datanetAccess'>>): void {
  const datanetId = event.big('datanetId');
  const grantee = event.text('grantee');
  const row = tables.datanetAccess.open(
    () => ({ datanetId, grantee, status: 'requested', purpose: '', expiresAt: 0n, ...created(event) }),
    datanetId,
    grantee,
  );
  change(row, event, columns);
}
