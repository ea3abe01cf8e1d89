import { listField, lookupField } from '../schema/lists.ts';
import './types.ts';

listField('epochs', 'epoch', 'All epochs.');
listField('rewardRoots', 'rewardRoot', 'All reward roots.');
listField('claims', 'claim', 'All claims.');
listField('rewardAccounts', 'rewardAccount', 'What accounts earned and claimed.');

lookupField('epoch', 'epoch', 'An epoch by its number on chain; null when there is none.', {
  id: { column: 'id', type: 'BigInt', description: 'Its number on chain.' },
});
lookupField('rewardAccount', 'rewardAccount', 'What an account earned and claimed; null when it earned nothing.', {
  account: { column: 'account', type: 'Address', description: 'The account.' },
});
