import { listField, lookupField } from '../schema/lists.ts';
import './types.ts';

listField('stakes', 'stake', 'All stakes and bonds.');
listField('slashes', 'slash', 'All losses of stake.');
listField('stakerRewards', 'stakerReward', 'All payments to stakers.');

lookupField('stake', 'stake', 'A stake by its number on chain; null when there is none.', {
  id: { column: 'id', type: 'BigInt', description: 'Its number on chain.' },
});
