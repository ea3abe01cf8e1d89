import { serverAudits } from 'graphql-http';
import { expect, inject, test } from 'vitest';

const audits = serverAudits({ url: `${inject('apiUrl')}/graphql`, fetchFn: fetch });

test('the audit of GraphQL over HTTP has 61 points', () => {
  expect(audits).toHaveLength(61);
});

test.each(audits.map((audit) => [`${audit.id} ${audit.name}`, audit] as const))('%s', async (_name, audit) => {
  const result = await audit.fn();
  const answer = result.status === 'ok' ? undefined : result.response.clone();
  expect(
    result.status,
    answer && `${result.status === 'ok' ? '' : result.reason}\n${answer.status} ${await answer.text()}`,
  ).toBe('ok');
});
