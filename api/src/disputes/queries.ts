import { listField, lookupField } from '../schema/lists.ts';
import './types.ts';

listField('disputes', 'dispute', 'All disputes.');
listField('disputeCounters', 'disputeCounter', 'All answers to disputes.');

lookupField('dispute', 'dispute', 'A dispute by its number on chain; null when there is none.', {
  id: { column: 'id', type: 'BigInt', description: 'Its number on chain.' },
});
