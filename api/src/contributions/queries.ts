import { listField, lookupField } from '../schema/lists.ts';
import './types.ts';

listField('contributions', 'contribution', 'All contributions.');
listField('contributionScores', 'contributionScore', 'All scores of contributions.');

lookupField('contribution', 'contribution', 'A contribution by its number on chain; null when there is none.', {
  id: { column: 'id', type: 'BigInt', description: 'Its number on chain.' },
});
