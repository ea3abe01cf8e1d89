import { listField, lookupField } from '../schema/lists.ts';
import './types.ts';

listField('proposals', 'proposal', 'All proposals.');
listField('votes', 'vote', 'All votes.');
listField('timelockCalls', 'timelockCall', 'Calls that the timelock holds or held back.');
listField('parameters', 'parameter', 'Every number that governance sets.');
listField('roleMembers', 'roleMember', 'Who holds or held which role.');
listField('pauseStates', 'pauseState', 'Which contracts are paused.');

lookupField('proposal', 'proposal', 'A proposal by its number on chain; null when there is none.', {
  id: { column: 'id', type: 'BigInt', description: 'Its number on chain.' },
});
