import { z } from 'zod';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { list, text, title } from '../message.ts';

const perPage = 100;

const page = z.object({
  submissions: z.object({
    nodes: z.array(z.object({ contentHash: z.string(), text: z.string().nullable() })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});
const erased = z.object({ eraseContent: z.object({ erased: z.boolean() }) });

/** Erases what a person gave, unlinks the wallet, and deletes everything that is kept of them; says what the chain keeps. */
export const forget: Command = {
  name: 'forget',
  fields: [],
  guards: [],
  run: async function* ({ texts }) {
    const words = texts.commands.forget;
    yield {
      message: {
        blocks: [title(words.title), list(words.what.map((point) => [point])), text(words.keeps)],
        buttons: [
          [
            { label: words.all, style: 'danger', press: { command: 'forget', action: 'all', args: [] } },
            { label: words.linkOnly, press: { command: 'forget', action: 'link', args: [] } },
          ],
        ],
        isPrivate: true,
      },
    };
  },
  actions: {
    all: async function* (context) {
      const words = context.texts.commands.forget;
      const count = await eraseAll(context);
      await forgetChat(context);
      yield { message: { blocks: [text(words.done(count)), text(words.keeps)], isPrivate: true } };
    },
    link: async function* (context) {
      await forgetChat(context);
      yield { message: { blocks: [text(context.texts.commands.forget.unlinked)], isPrivate: true } };
    },
  },
};

/** @returns how many contents are gone */
const eraseAll = async ({ wallet }: Context): Promise<number> => {
  const found = await wallet();
  if (found === undefined) return 0;
  const hashes = new Set<string>();
  for (let after: string | null = null; ; ) {
    const { submissions }: z.output<typeof page> = await found.api.ask(
      `query($first: Int!, $after: String) {
        submissions(first: $first, after: $after) { nodes { contentHash text } pageInfo { hasNextPage endCursor } }
      }`,
      page,
      { first: perPage, after },
    );
    for (const { contentHash } of submissions.nodes) hashes.add(contentHash);
    if (!submissions.pageInfo.hasNextPage) break;
    after = submissions.pageInfo.endCursor;
  }
  let count = 0;
  for (const contentHash of hashes) {
    const { eraseContent } = await found.api.ask(
      'mutation($contentHash: Bytes32!) { eraseContent(contentHash: $contentHash) { erased } }',
      erased,
      { contentHash },
    );
    if (eraseContent.erased) count++;
  }
  return count;
};

const forgetChat = async ({ operator, person, records }: Context): Promise<void> => {
  await operator.ask(
    `mutation($platform: ChatPlatform!, $userId: String!) {
      forgetChatAccount(platform: $platform, userId: $userId)
    }`,
    z.unknown(),
    { platform: person.platform.toUpperCase(), userId: person.id },
  );
  await records.forget();
};
