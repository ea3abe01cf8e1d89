import type { Hex } from '@openledger/protocol';
import type { Evidence } from '@openledger/protocol/attribution';
import { retrievalEvidence } from '../../attribution/retrieval/index.ts';
import { readAdapter } from '../../lora/index.ts';
import type { Model } from '../../onnx/index.ts';
import type { Language } from '../door/language.ts';
import { withPassages } from '../retrieval/context.ts';
import type { Answered } from './answered.ts';
import { WaitingError } from './messages.ts';

/** An answer that passages were given for. */
export type Helped = { readonly answers: Answered['answers']; readonly retrieval: NonNullable<Answered['retrieval']> };

export type PassageWorths = (
  of: { readonly adapterHash: Hex; readonly adapterFolder: string },
  helped: Helped,
  seed: Hex,
) => Promise<NonNullable<Evidence['retrieval']>>;

/**
 * Tells what the passages that a model was given are worth, by how likely it finds its answer without some of them.
 *
 * @throws LoraError when the folder has no such adapter; WaitingError when the prompt was made otherwise than it is made here.
 */
export const createPassageWorths =
  (base: Model, language: Pick<Language, 'encodeChat'>): PassageWorths =>
  async ({ adapterHash, adapterFolder }, { answers, retrieval: { messages, passages } }, seed) => {
    const promptOf = (kept: readonly boolean[]) =>
      language.encodeChat(
        withPassages(
          messages,
          passages.filter((_, at) => kept[at]).map(({ text }) => text),
        ),
      );
    const whole = promptOf(passages.map(() => true));
    if (answers.some(({ prompt }) => prompt.join() !== whole.join())) {
      throw new WaitingError('sealed_otherwise', 'The prompt was made of its passages otherwise than this base does');
    }
    return retrievalEvidence({
      ...{ base, adapter: await readAdapter(adapterFolder, { expectedHash: adapterHash }), threads: 1, seed, promptOf },
      answers: answers.map(({ ids }) => ids),
      passages: passages.map(({ contributionId, ...rest }) => ({ ...rest, contributionId: BigInt(contributionId) })),
    });
  };
