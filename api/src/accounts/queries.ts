import { listField, lookupField } from '../schema/lists.ts';
import './types.ts';

listField('accounts', 'account', 'Accounts that ever acted.');
listField(
  'accountRoleDays',
  'accountRoleDay',
  'Which account was active in which role on which day: the ground for retention.',
);
listField('relayerAuthorizations', 'relayerAuthorization', 'Who may submit in whose name.');

lookupField('account', 'account', 'An account by its address; null when it never appeared.', {
  address: { column: 'address', type: 'Address', description: 'Its address.' },
});
