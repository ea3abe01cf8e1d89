import { expect, test } from 'vitest';
import { documentOf, exampleOf } from './examples.ts';

test('a row with a heading is asked about by its last heading', () => {
  expect(exampleOf('# pino\n\n## [Caching](#c)\n\nAnswers are kept for a day.\n\n```js\npino()\n```')).toEqual({
    question: 'What does the documentation say about Caching?',
    answer: 'Answers are kept for a day.\n\n```js\npino()\n```',
  });
});

test('a comment is asked about by what it documents', () => {
  expect(exampleOf('function add(uint256 a, uint256 b) internal pure\n\nAdds two numbers.')).toEqual({
    question: 'What does add do?',
    answer: 'Adds two numbers.',
  });
  expect(exampleOf('export type Simplify<T>\n\nFlattens a type.')?.question).toBe('What does Simplify do?');
});

test('a paragraph is asked how it goes on', () => {
  expect(
    exampleOf(
      'Permission is hereby granted, free of charge, to any person obtaining a copy of this software and its files',
    ),
  ).toEqual({
    question: 'How does this go on: “Permission is hereby granted, free of charge, to any person”?',
    answer: 'obtaining a copy of this software and its files',
  });
});

test('what nothing can be asked about is learned as it is', () => {
  for (const row of ['# Only a heading', '1.2.3', '```js\nf()\n```']) {
    expect(exampleOf(row)).toBeUndefined();
    expect(documentOf(row)).toBe(row);
  }
});
