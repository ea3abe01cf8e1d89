import { listField, lookupField } from '../schema/lists.ts';
import './types.ts';

listField('attributions', 'attribution', 'Every contribution’s part in every answer.');
listField('attributionBatches', 'attributionBatch', 'All attribution batches.');
listField('attributionRequests', 'attributionRequest', 'How the fee of every answer was divided, batch by batch.');
listField('algorithms', 'algorithm', 'Ways to measure attribution that governance allowed.');

lookupField(
  'attributionBatch',
  'attributionBatch',
  'An attribution batch by its number on chain; null when there is none.',
  {
    id: { column: 'id', type: 'BigInt', description: 'Its number on chain.' },
  },
);
lookupField('algorithm', 'algorithm', 'A way to measure attribution by its id; null when there is none.', {
  id: { column: 'id', type: 'Bytes32', description: 'Its id on chain.' },
});
