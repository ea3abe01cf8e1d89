import { z } from 'zod';
import type { Command } from '../command.ts';
import type { Context } from '../context.ts';
import { text } from '../message.ts';

const perPage = 100;

const account = z.object({
  chatAccount: z.object({
    link: z.object({ account: z.string(), linkedAt: z.string(), userName: z.string() }).nullable(),
    consents: z.array(z.object({ purpose: z.string(), textHash: z.string(), grantedAt: z.string() })),
  }),
});
const page = z.object({
  submissions: z.object({
    nodes: z.array(z.looseObject({})),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});

/** Gives people everything that is kept of them, as one file. */
export const exportMine: Command = {
  name: 'export',
  fields: [],
  guards: [],
  run: async function* (context) {
    const { operator, person, records, texts } = context;
    const { chatAccount } = await operator.ask(
      `query($platform: ChatPlatform!, $userId: String!) {
        chatAccount(platform: $platform, userId: $userId) {
          link { account linkedAt userName }
          consents { purpose textHash grantedAt }
        }
      }`,
      account,
      { platform: person.platform.toUpperCase(), userId: person.id },
    );
    const all = {
      person: { platform: person.platform, id: person.id, name: person.name },
      ...chatAccount,
      bot: await records.all(),
      submissions: await submissionsOf(context),
    };
    yield {
      message: {
        blocks: [
          text(texts.commands.export.here),
          {
            kind: 'file',
            name: 'openledger.json',
            mediaType: 'application/json',
            body: Buffer.from(`${JSON.stringify(all, undefined, 2)}\n`),
          },
        ],
        isPrivate: true,
      },
    };
  },
};

const submissionsOf = async ({ wallet }: Context): Promise<readonly unknown[]> => {
  const found = await wallet();
  if (found === undefined) return [];
  const all: unknown[] = [];
  for (let after: string | null = null; ; ) {
    const { submissions }: z.output<typeof page> = await found.api.ask(
      `query($first: Int!, $after: String) {
        submissions(first: $first, after: $after) {
          nodes {
            id createdAt datanetId state license contentHash text
            contribution { contributionId status attributed }
          }
          pageInfo { hasNextPage endCursor }
        }
      }`,
      page,
      { first: perPage, after },
    );
    all.push(...submissions.nodes);
    if (!submissions.pageInfo.hasNextPage) return all;
    after = submissions.pageInfo.endCursor;
  }
};
