import { listField, lookupField } from '../schema/lists.ts';
import './types.ts';

listField('tokens', 'token', 'The protocol’s tokens.');
listField('tokenBalances', 'tokenBalance', 'Who holds how much of what.');
listField('tokenTransfers', 'tokenTransfer', 'All transfers.');
listField('allowances', 'allowance', 'Who lets whom spend.');
listField('vestingWallets', 'vestingWallet', 'All vesting wallets.');
listField('vestingReleases', 'vestingRelease', 'All payments out of vesting wallets.');

lookupField('token', 'token', 'A token by its contract’s address; null when there is none.', {
  address: { column: 'address', type: 'Address', description: 'Its contract.' },
});
lookupField('vestingWallet', 'vestingWallet', 'A vesting wallet by its address; null when there is none.', {
  address: { column: 'address', type: 'Address', description: 'Its contract.' },
});
