import { readdir, readFile } from 'node:fs/promises';
import { getOperationAST, parse } from 'graphql';

/** A fenced block of a page. */
export type Block = {
  readonly language: string;
  /** What stands behind the language, such as `variables`. */
  readonly info: string;
  readonly text: string;
  /** The line of its opening fence, from 1. */
  readonly line: number;
  /** Where its text begins and ends in the page. */
  readonly from: number;
  readonly to: number;
};

/** Something a reader may try: an operation or a command, with its variables and the answer that the page shows. */
export type Example = {
  readonly page: string;
  readonly block: Block;
  readonly variables?: Record<string, unknown>;
  readonly answer?: Block;
};

const root = new URL('../../../../', import.meta.url);

/** The README and every page of `docs/`, by their paths in the repository. */
export async function pages(): Promise<{ path: string; url: URL; text: string }[]> {
  const names = (await readdir(new URL('docs/', root))).filter((name) => name.endsWith('.md')).sort();
  const paths = ['README.md', ...names.map((name) => `docs/${name}`)];
  return Promise.all(
    paths.map(async (path) => {
      const url = new URL(path, root);
      return { path, url, text: await readFile(url, 'utf8') };
    }),
  );
}

/** The examples of a page: `graphql` and `sh` blocks, each with the `json variables` and the `json` that follow it. */
export function examplesIn(page: string, text: string): Example[] {
  const blocks = blocksIn(text);
  return blocks.flatMap((block, at): Example[] => {
    if (block.language !== 'graphql' && block.language !== 'sh') return [];
    const [next, second] = blocks.slice(at + 1, at + 3);
    const given = next?.language === 'json' && next.info === 'variables' ? next : undefined;
    const shown = given ? second : next;
    return [
      {
        page,
        block,
        ...(given && { variables: JSON.parse(given.text) as Record<string, unknown> }),
        ...(shown?.language === 'json' && shown.info === '' && { answer: shown }),
      },
    ];
  });
}

function blocksIn(text: string): Block[] {
  const blocks: Block[] = [];
  for (const match of text.matchAll(/^```(\w+)?[ \t]*([^\n]*)\n([\s\S]*?)^```[ \t]*$/gm)) {
    const [whole, language = '', info = '', inside = ''] = match;
    const from = match.index + whole.indexOf('\n') + 1;
    const line = text.slice(0, match.index).split('\n').length;
    blocks.push({ language, info: info.trim(), text: inside, line, from, to: from + inside.length });
  }
  return blocks;
}

/** Whether an answer is the one shown; "…" stands for anything that a reader's own would differ in. */
export function isAsShown(shown: unknown, answer: unknown): boolean {
  if (shown === '…') return answer !== undefined;
  if (Array.isArray(shown)) {
    return (
      Array.isArray(answer) && shown.length === answer.length && shown.every((item, n) => isAsShown(item, answer[n]))
    );
  }
  if (typeof shown === 'object' && shown !== null) {
    if (typeof answer !== 'object' || answer === null) return false;
    const [keys, others] = [Object.keys(shown), Object.keys(answer)];
    return (
      keys.length === others.length &&
      keys.every((key) => isAsShown((shown as Record<string, unknown>)[key], (answer as Record<string, unknown>)[key]))
    );
  }
  return shown === answer;
}

/** What can be asked as it stands: a query, with its variables beside it where it needs any. */
export function isAsked({ block, variables }: Example): boolean {
  if (block.language !== 'graphql') return false;
  const operation = getOperationAST(parse(block.text));
  const needed = operation?.variableDefinitions?.filter(
    ({ type, defaultValue }) => type.kind === 'NonNullType' && defaultValue === undefined,
  );
  return operation?.operation === 'query' && (variables !== undefined || needed?.length === 0);
}
