import type { UnsignedReceipt } from '@openledger/protocol';
import { type Hex, signReceipt } from '@openledger/protocol';
import { id, Wallet } from 'ethers';
import type { Tampering } from './tampering.ts';

type Found = NonNullable<UnsignedReceipt['evidence']['influence']>;

/** What evidence found, with another list of the best: sum and last score go with it. */
const withTop = ({ top: old, scoreSum }: Found, top: Found['top']): Found => {
  const sum = (of: Found['top']) => of.reduce((all, { score }) => all + BigInt(score), 0n);
  return { top, kthScore: top.at(-1)?.score ?? '0', scoreSum: `${BigInt(scoreSum) + sum(top) - sum(old)}` };
};
const withInfluence = (said: UnsignedReceipt, change: (found: Found) => Found): UnsignedReceipt => ({
  ...said,
  evidence: { ...said.evidence, influence: change(said.evidence.influence!) },
});
const hash = (text: string): Hex => id(text) as Hex;

/** What a worker might sign that is not so; all but one with its own key. */
export const signedLies: readonly Tampering[] = [
  {
    name: 'a score that is raised',
    of: 'receipt',
    names: /receipt\.evidence\.influence\.top\.0\.score/,
    apply: ({ resign }) =>
      resign((said) =>
        withInfluence(said, (found) =>
          withTop(found, [{ ...found.top[0]!, score: `${BigInt(found.top[0]!.score) + 1n}` }, ...found.top.slice(1)]),
        ),
      ),
  },
  {
    name: 'a contribution that is left out',
    of: 'receipt',
    names: /receipt\.evidence\.influence\.top\.1/,
    apply: ({ resign }) =>
      resign((said) =>
        withInfluence(said, (found) =>
          withTop(
            found,
            found.top.filter((_, at) => at !== 1),
          ),
        ),
      ),
  },
  {
    name: 'a contribution that is added',
    of: 'receipt',
    names: /receipt\.evidence\.influence\.top\.\d+/,
    apply: ({ resign }) =>
      resign((said) =>
        withInfluence(said, (found) => withTop(found, [...found.top, { contributionId: '1', score: '1' }])),
      ),
  },
  {
    name: 'a sum of scores that hides what was left out',
    of: 'receipt',
    names: /receipt\.evidence\.influence\.scoreSum/,
    apply: ({ resign }) =>
      resign((said) => withInfluence(said, (found) => ({ ...found, scoreSum: `${BigInt(found.scoreSum) + 5n}` }))),
  },
  {
    name: 'a share that goes to another',
    of: 'receipt',
    names: /receipt\.shares\.0\.ppm/,
    apply: ({ resign }) =>
      resign((said) => ({
        ...said,
        shares: said.shares.map((share, at) =>
          at === 0 ? { ...share, ppm: share.ppm + 1 } : at === 1 ? { ...share, ppm: share.ppm - 1 } : share,
        ),
      })),
  },
  {
    name: 'a share that is kept from its contribution',
    of: 'receipt',
    names: /receipt\.shares\.0\.ppm.*receipt\.unattributedPpm/,
    apply: ({ resign }) =>
      resign((said) => ({
        ...said,
        shares: said.shares.map((share, at) => (at === 0 ? { ...share, ppm: share.ppm - 1 } : share)),
        unattributedPpm: said.unattributedPpm + 1,
      })),
  },
  {
    name: 'a gradient of the answer that is another by one step',
    of: 'receipt',
    names: /evidence: influence\.norm/,
    apply: ({ resign }) =>
      resign(
        (said) => said,
        (evidence) => {
          const bytes = Buffer.from(evidence.influence!.values, 'base64');
          bytes.writeInt16LE(bytes.readInt16LE(6) + 1, 6);
          return { ...evidence, influence: { ...evidence.influence!, values: bytes.toString('base64') } };
        },
      ),
  },
  {
    name: 'a norm that makes all scores larger',
    of: 'receipt',
    names: /evidence: influence\.norm/,
    apply: ({ resign }) =>
      resign(
        (said) => said,
        (evidence) => ({ ...evidence, influence: { ...evidence.influence!, norm: '0x3f50624dd2f1a9fc' } }),
      ),
  },
  {
    name: 'a passage that stands in no document',
    of: 'receipt',
    names: /evidence: spans.*stands in no document/,
    apply: ({ resign }) =>
      resign(
        (said) => said,
        (evidence) => ({
          ...evidence,
          spans: evidence.spans.map((span, at) =>
            at === 0 ? { ...span, tokens: span.tokens.map((token) => (token === 7 ? 8 : 7)) } : span,
          ),
        }),
      ),
  },
  {
    name: 'a passage that is said to be rarer',
    of: 'receipt',
    names: /evidence: spans.*frequency/,
    apply: ({ resign }) =>
      resign(
        (said) => said,
        (evidence) => ({
          ...evidence,
          spans: evidence.spans.map((span, at) => (at === 0 ? { ...span, frequency: span.frequency + 1 } : span)),
        }),
      ),
  },
  {
    name: 'documents that no lot drew',
    of: 'receipt',
    names: /evidence: spans.*documents/,
    apply: ({ resign }) =>
      resign(
        (said) => said,
        (evidence) => ({
          ...evidence,
          spans: evidence.spans.map((span) => (span.documents.length > 0 ? { ...span, documents: [0, 1, 2] } : span)),
        }),
      ),
  },
  {
    name: 'an answer without the evidence that it has',
    of: 'receipt',
    names: /receipt\.evidence\.spans/,
    apply: ({ resign }) =>
      resign(
        (said) => said,
        (evidence) => ({ ...evidence, spans: [] }),
      ),
  },
  {
    name: 'evidence of another answer',
    of: 'receipt',
    names: /evidence: requestId/,
    apply: ({ resign }) =>
      resign(
        (said) => said,
        (evidence) => ({ ...evidence, requestId: hash('another') }),
      ),
  },
  {
    name: 'another answer than the one that was settled',
    of: 'receipt',
    names: /receipt\.outputHash/,
    apply: ({ resign }) => resign((said) => ({ ...said, outputHash: hash('another') })),
  },
  {
    name: 'another version than the one that answered',
    of: 'receipt',
    names: /receipt\.modelVersion/,
    apply: ({ resign }) => resign((said) => ({ ...said, modelVersion: 1 })),
  },
  {
    name: 'another training record, gradient store and span index than those on chain',
    of: 'receipt',
    names: /receipt\.manifestHash.*receipt\.gradientStoreRoot.*receipt\.suffixArrayRoot/,
    apply: ({ resign }) =>
      resign((said) => ({
        ...said,
        manifestHash: hash('record'),
        gradientStoreRoot: hash('gradients'),
        suffixArrayRoot: hash('spans'),
      })),
  },
  {
    name: 'another damping than the card’s',
    of: 'receipt',
    names: /receipt\.damping/,
    apply: ({ resign }) => resign((said) => ({ ...said, damping: '0.01' })),
  },
  {
    name: 'a card that is not on chain',
    of: 'receipt',
    names: /the card 0x.* is not on chain for this version/,
    apply: ({ resign }) => resign((said) => ({ ...said, cardHash: hash('card') })),
  },
  {
    name: 'a seed that somebody chose',
    of: 'receipt',
    names: /receipt\.seed/,
    apply: ({ resign }) => resign((said) => ({ ...said, seed: hash('chosen') })),
  },
  {
    name: 'a receipt of another chain',
    of: 'receipt',
    names: /receipt\.chainId/,
    apply: ({ resign }) => resign((said) => ({ ...said, chainId: '1' })),
  },
  {
    name: 'a receipt that was changed after it was signed',
    of: 'receipt',
    names: /receipt\.signature/,
    apply: ({ repost, entry }) =>
      repost((all) =>
        all.map((one) => (one === entry ? { ...one, receipt: { ...one.receipt, promptHash: hash('prompt') } } : one)),
      ),
  },
  {
    name: 'a receipt that another signed',
    of: 'receipt',
    names: /receipt\.signature/,
    apply: async ({ repost, entry }) => {
      const { signature: _, ...said } = entry.receipt;
      const receipt = await signReceipt(new Wallet(id('another')), said);
      await repost((all) => all.map((one) => (one === entry ? { ...one, receipt } : one)));
    },
  },
];
