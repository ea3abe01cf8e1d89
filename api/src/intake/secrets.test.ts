import { expect, test } from 'vitest';
import { newBudget, secrets } from './secrets.ts';

const found = (text: string) => secrets(text, newBudget());

test('a key that only its surroundings call an example is still a key', () => {
  expect(found('ghp_example8fK2mQ7zR4tVb9XcL3nWpS6yDh1JgAe')).not.toEqual([]);
});

test.each([
  'ghp_your_token_here_your_token_here_your_tok',
  'AKIAIOSFODNN7EXAMPLE',
  'sk_live_xxxxxxxxxxxxxxxxxxxxxxxxxxxx',
])('%s is a placeholder', (text) => {
  expect(found(text)).toEqual([]);
});
