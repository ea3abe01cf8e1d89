import { expect, test } from 'vitest';
import { commentRows, markdownRows, paragraphRows } from './rows.ts';

test('a paragraph keeps the headings above it and the code below it', () => {
  const text =
    '# Pool\n\n## Usage\n\nMake a pool.\n\n```js\nconst pool = new Pool();\n\npool.end();\n```\n\nThen end it.\n';
  expect(markdownRows(text)).toEqual([
    '# Pool\n\n## Usage\n\nMake a pool.\n\n```js\nconst pool = new Pool();\n\npool.end();\n```',
    'Then end it.',
  ]);
});

test('a fence that is never closed loses nothing', () => {
  expect(markdownRows('Read:\n\n```js\nlet a;\n\nlet b;')).toEqual(['Read:\n\n```js\nlet a;\n\nlet b;']);
});

test('a licence is split at its blank lines, whatever its line ends', () => {
  expect(paragraphRows('MIT License\r\n\r\nCopyright (c) 2026\r\nSomeone\r\n \r\n\r\nPermission …\r\n')).toEqual([
    'MIT License',
    'Copyright (c) 2026\nSomeone',
    'Permission …',
  ]);
});

test('a NatSpec comment comes with the signature it documents, without its tags', () => {
  const source = `
    /**
     * @dev Moves a value amount of tokens from the caller's account to to.
     *
     * Emits a {Transfer} event.
     */
    function transfer(
        address to,
        uint256 value
    ) public virtual returns (bool) {`;
  expect(commentRows(source)).toEqual([
    "function transfer( address to, uint256 value ) public virtual returns (bool)\n\nMoves a value amount of tokens from the caller's account to to.\n\nEmits a {Transfer} event.",
  ]);
});
