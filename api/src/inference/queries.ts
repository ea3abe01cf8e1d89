import { listField, lookupField } from '../schema/lists.ts';
import './types.ts';

listField('inferences', 'inference', 'All settled answers.');
listField('escrowAccounts', 'escrowAccount', 'What accounts hold in the escrow.');
listField('feeSplits', 'feeSplit', 'Every fee split that was ever in force.');

lookupField('inference', 'inference', 'A settled answer by its request; null when there is none.', {
  requestId: { column: 'requestId', type: 'Bytes32', description: 'The id of the request.' },
});
lookupField('escrowAccount', 'escrowAccount', 'What an account holds in the escrow; null when it never used it.', {
  account: { column: 'account', type: 'Address', description: 'The account.' },
});
