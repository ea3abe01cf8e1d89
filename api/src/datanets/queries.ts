import { listField, lookupField } from '../schema/lists.ts';
import './types.ts';

listField('datanets', 'datanet', 'All datanets.');
listField('datanetVersions', 'datanetVersion', 'Published versions of all datanets.');
listField('datanetValidators', 'datanetValidator', 'Validators of all datanets.');
listField('datanetAccess', 'datanetAccess', 'Requests and permissions to train on datanets.');
listField('datanetContributors', 'datanetContributor', 'Contributors’ standings in all datanets.');

lookupField('datanet', 'datanet', 'A datanet by its number on chain; null when there is none.', {
  id: { column: 'id', type: 'BigInt', description: 'Its number on chain.' },
});
lookupField('datanetVersion', 'datanetVersion', 'A version of a datanet; null when there is none.', {
  datanetId: { column: 'datanetId', type: 'BigInt', description: 'The datanet’s number on chain.' },
  version: { column: 'version', type: 'Int', description: 'The version’s number.' },
});
