import { id } from 'ethers';
import { expect, test } from 'vitest';
import { createNoveltyIndex } from './novelty.ts';
import type { PersonaName } from './personas.ts';
import { judge } from './rubric.ts';

const guide = [
  '# Pools\n\nA pool keeps connections open so that a request does not wait for a handshake. Ask it for a client, run your queries, and give the client back when you are done.',
  'Every client that is not given back is lost until the process ends. Wrap the work in a try block and release in finally, or use the helper that does so for you.',
  'When all clients are busy, the next caller waits in line. Set a timeout, otherwise a slow query somewhere makes every page slow and nobody can tell why.',
  'Choose the size from what the database can take, not from how many requests you expect. More connections than cores mostly means more context switches.',
];
const changelog = Array.from(
  { length: 12 },
  (_, i) =>
    `## 1.${i}.0\n\n### Patch Changes\n\n- [#10${i}](https://example.org/${i}) 3f2c1a${i}9 Updated dependencies [8a7b6c${i}d]`,
);
const validators: readonly PersonaName[] = ['vera', 'viktor', 'yuki'];
const score = (validator: PersonaName, rows: readonly string[], share?: number) =>
  judge(validator, {
    contentHash: id('text'),
    rows,
    nearest: share === undefined ? undefined : { contributionId: 7n, share },
  });

test('validators accept a guide, refuse release notes, and do not all say the same', () => {
  const ofGuide = validators.map((validator) => score(validator, guide).score);
  const ofChangelog = validators.map((validator) => score(validator, changelog).score);
  expect(ofGuide.every((each) => each > 7n * 10n ** 17n)).toBe(true);
  expect(ofChangelog.every((each) => each < 55n * 10n ** 16n)).toBe(true);
  expect(new Set(ofGuide).size).toBe(3);
});

test('what was accepted before is worth little, a full copy next to nothing', () => {
  expect(score('viktor', guide, 0.9).score).toBeLessThan(4n * 10n ** 17n);
  expect(score('viktor', guide, 1).score).toBeLessThan(score('viktor', guide, 0.9).score);
  expect(score('viktor', guide, 0.2).score).toBe(score('viktor', guide).score);
});

test('the evidence is the text behind its hash, and names what it was compared with', () => {
  const { evidence, evidenceHash } = score('yuki', guide, 0.8);
  expect(id(evidence)).toBe(evidenceHash);
  expect(JSON.parse(evidence)).toMatchObject({ validator: 'yuki', nearest: { contributionId: '7', share: 0.8 } });
  expect(score('yuki', guide, 0.8).evidenceHash).toBe(evidenceHash);
});

test('the nearest known text is found by shared phrases, among those that count', () => {
  const index = createNoveltyIndex();
  index.add(1n, guide.join('\n'));
  index.add(2n, changelog.join('\n'));
  const copy = [...guide.slice(0, 3), 'And one paragraph that stands nowhere else at all, in words of its own.'].join(
    '\n',
  );
  const nearest = index.nearest(copy, () => true);
  expect(nearest?.key).toBe(1n);
  expect(nearest?.share).toBeGreaterThan(0.7);
  expect(index.nearest(copy, (key) => key !== 1n)).toBeUndefined();
});
