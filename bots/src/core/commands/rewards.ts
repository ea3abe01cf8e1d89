import { z } from 'zod';
import type { Command } from '../command.ts';
import { dateOf, openOf, shortName } from '../format.ts';
import { linked } from '../guards/linked.ts';
import { type Button, fields, list, type Span, text, title } from '../message.ts';

const wei = z.string().transform(BigInt);
const latest = 5;

const answer = z.object({
  rewardAccount: z
    .object({ attributed: wei, claimed: wei, claimable: wei.nullable(), pending: wei.nullable() })
    .nullable(),
  datanetContributors: z.object({
    nodes: z.array(
      z.object({ datanetId: z.string(), attributed: wei, datanet: z.object({ name: z.string() }).nullable() }),
    ),
  }),
  attributions: z.object({
    nodes: z.array(
      z.object({
        amount: wei,
        status: z.string(),
        createdAt: z.string(),
        contributionId: z.string(),
        model: z.object({ name: z.string() }).nullable(),
      }),
    ),
  }),
});

const nameOf = (datanet: { readonly name: string } | null, id: string): string =>
  datanet === null ? `#${id}` : shortName(datanet.name);

/** What a person's data earned: in all, by datanet, and by the newest answers that drew on it. */
export const rewards: Command = {
  name: 'rewards',
  fields: [],
  guards: [linked],
  run: async function* ({ wallet, texts }) {
    const words = texts.commands.rewards;
    const { api, account } = (await wallet())!;
    const found = await api.ask(
      `query($account: Address!, $first: Int!) {
        rewardAccount(account: $account) { attributed claimed claimable pending }
        datanetContributors(
          first: $first
          filter: { contributorAddress: { eq: $account } }
          orderBy: [{ field: ATTRIBUTED, direction: DESC }]
        ) { nodes { datanetId attributed datanet { name } } }
        attributions(
          first: $first
          filter: { contributorAddress: { eq: $account } }
          orderBy: [{ field: CREATED_AT, direction: DESC }]
        ) { nodes { amount status createdAt contributionId model { name } } }
      }`,
      answer,
      { account, first: latest },
    );
    const own = found.rewardAccount;
    const earning = found.datanetContributors.nodes.filter(({ attributed }) => attributed > 0n);
    const answers = found.attributions.nodes;
    if (own === null && answers.length === 0) {
      yield { message: { blocks: [title(words.title), text(words.none)], isPrivate: true } };
      return;
    }
    const amount = (value: bigint | null | undefined): string => openOf(value ?? 0n, texts);
    const toClaim = own?.claimable ?? 0n;
    const claim: Button[] =
      toClaim > 0n
        ? [
            {
              label: words.claim(amount(toClaim)),
              style: 'main',
              press: { command: 'claim', action: 'open', args: [] },
            },
          ]
        : [];
    yield {
      message: {
        blocks: [
          title(words.title),
          fields(
            [words.earned, amount(own?.attributed)],
            [words.claimed, amount(own?.claimed)],
            [words.claimable, amount(toClaim)],
            [words.pending, amount(own?.pending)],
          ),
          ...(earning.length === 0
            ? []
            : [
                text({ bold: words.byDatanet }),
                list(
                  earning.map(({ datanetId, attributed, datanet }): Span[] => [
                    { said: nameOf(datanet, datanetId) },
                    ` · ${amount(attributed)}`,
                  ]),
                ),
              ]),
          ...(answers.length === 0
            ? []
            : [
                text({ bold: words.byAnswer }),
                list(
                  answers.map((each): Span[] => [
                    `${dateOf(each.createdAt, texts)} · `,
                    { said: shortName(each.model?.name ?? '?') },
                    ' · ',
                    { bold: amount(each.amount) },
                    ` · #${each.contributionId}${each.status === 'FINAL' ? '' : ` · ${words.waits}`}`,
                  ]),
                ),
              ]),
        ],
        buttons: claim.length > 0 ? [claim] : [],
        isPrivate: true,
      },
    };
  },
};
