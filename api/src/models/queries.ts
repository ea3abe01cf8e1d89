import { listField, lookupField } from '../schema/lists.ts';
import './types.ts';

listField('models', 'model', 'All models.');
listField('modelVersions', 'modelVersion', 'Published versions of all models.');
listField('modelTrainings', 'modelTraining', 'Which datanet versions went into which model versions.');
listField('modelEvaluations', 'modelEvaluation', 'Evaluations of all models.');
listField('workers', 'worker', 'All workers.');
listField('deployments', 'deployment', 'Which worker serves or served what.');

lookupField('model', 'model', 'A model by its number on chain; null when there is none.', {
  id: { column: 'id', type: 'BigInt', description: 'Its number on chain.' },
});
lookupField('modelVersion', 'modelVersion', 'A version of a model; null when there is none.', {
  modelId: { column: 'modelId', type: 'BigInt', description: 'The model’s number on chain.' },
  version: { column: 'version', type: 'Int', description: 'The version’s number.' },
});
lookupField('worker', 'worker', 'A worker by its address; null when there is none.', {
  address: { column: 'address', type: 'Address', description: 'Its address.' },
});
