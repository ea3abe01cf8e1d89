import type { Database } from '@openledger/db';
import { z } from 'zod';
import { chainTime, inSeconds } from '../core/api/chainTime.ts';
import type { Api } from '../core/api/client.ts';
import { dateOf, shortened } from '../core/format.ts';
import { textsFor } from '../core/texts/index.ts';
import { writeAlert } from './alert.ts';

const hour = 3_600_000;
/** Milliseconds before a vote ends in which people are reminded; of a short vote, its second half. */
const ahead = 24 * hour;
const perPage = 100;

const answer = z.object({
  proposals: z.object({
    nodes: z.array(
      z.object({ proposalId: z.string(), description: z.string(), voteStart: z.string(), voteEnd: z.string() }),
    ),
  }),
});
type Proposal = z.output<typeof answer>['proposals']['nodes'][number];
const votes = z.object({
  votes: z.object({
    nodes: z.array(z.object({ voterAddress: z.string() })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});

export type RemindOptions = {
  readonly db: Database;
  readonly api: Api;
  readonly onTrouble: (error: unknown) => void;
  /** Told when there is something to send. */
  readonly onAlert: () => void;
  readonly everyMs?: number;
};

/** Reminds those who want to be told of votes, and have not voted, before one ends: once of each. */
export const remindOfVotes = ({
  db,
  api,
  onTrouble,
  onAlert,
  everyMs = 10_000,
}: RemindOptions): { readonly stop: () => Promise<void> } => {
  let running: Promise<void> | undefined;
  /** Votes whose voters need not be read again. After a restart they are; whoever was told is not told twice. */
  const reminded = new Set<string>();

  const look = async (): Promise<void> => {
    const now = await chainTime(api);
    const { proposals } = await api.ask(
      `query($first: Int!, $now: DateTime!, $soon: DateTime!) {
        proposals(
          first: $first
          filter: { status: { eq: CREATED }, voteStart: { lte: $now }, voteEnd: { gt: $now, lte: $soon } }
        ) { nodes { proposalId description voteStart voteEnd } }
      }`,
      answer,
      { first: perPage, now: inSeconds(now), soon: inSeconds(new Date(now.getTime() + ahead)) },
    );
    for (const proposal of proposals.nodes) {
      if (reminded.has(proposal.proposalId) || !isSoon(proposal, now)) continue;
      await remind(proposal);
      reminded.add(proposal.proposalId);
    }
  };
  const remind = async ({ proposalId, description, voteEnd }: Proposal): Promise<void> => {
    const everybodyBut = await votersOf(proposalId);
    const written = await db.transaction((transaction) =>
      writeAlert(transaction, `vote ${proposalId} ends`, {
        topic: 'governance',
        to: { everybodyBut },
        say: (locale) => {
          const texts = textsFor(locale);
          const what = shortened(description.replace(/^#+\s*/, ''), 120);
          return texts.commands.alerts.voteEnds(what, dateOf(voteEnd, texts));
        },
      }),
    );
    if (written > 0) onAlert();
  };
  const votersOf = async (proposalId: string): Promise<ReadonlySet<string>> => {
    const voters = new Set<string>();
    for (let after: string | null = null; ; ) {
      const { votes: page }: z.output<typeof votes> = await api.ask(
        `query($first: Int!, $after: String, $proposalId: BigInt!) {
          votes(first: $first, after: $after, filter: { proposalId: { eq: $proposalId } }) {
            nodes { voterAddress }
            pageInfo { hasNextPage endCursor }
          }
        }`,
        votes,
        { first: perPage, after, proposalId },
      );
      for (const { voterAddress } of page.nodes) voters.add(voterAddress.toLowerCase());
      if (!page.pageInfo.hasNextPage) return voters;
      after = page.pageInfo.endCursor;
    }
  };

  const wake = (): void => {
    running ??= look()
      .catch(onTrouble)
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(wake, everyMs);
  timer.unref();
  wake();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
};

const isSoon = ({ voteStart, voteEnd }: Proposal, now: Date): boolean => {
  const [start, end] = [new Date(voteStart).getTime(), new Date(voteEnd).getTime()];
  return end - now.getTime() <= Math.min(ahead, (end - start) / 2);
};
