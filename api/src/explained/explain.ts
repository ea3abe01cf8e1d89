import type { Hex } from '@openledger/db/chain';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { answerOf, type ExplainedAnswer } from './answer.ts';
import { isTextOf, textOf } from './texts.ts';
import type { Shown } from './types.ts';

type Texts = readonly string[] | null | undefined;

/**
 * An answer for whoever asks; null for a request that nobody here answered.
 * @throws FORBIDDEN for who may not see it, BAD_USER_INPUT for texts that are not the answer's
 */
export async function explain(context: ApiContext, requestId: Hex, texts: Texts): Promise<Shown | null> {
  const answer = await answerOf(context, requestId);
  if (answer === null) return null;
  if (!maySee(context, answer, texts)) {
    throw userError(
      'FORBIDDEN',
      `What ${requestId} drew on is not on chain yet. Until it is, its payer may see it (sign in), and whoever gives the answer itself in texts.`,
    );
  }
  return { ...answer, text: textOf(answer, texts) };
}

/** The same for a settled answer of a list; null for who may not see it. */
export async function explainIfSeen(context: ApiContext, requestId: Hex, texts: Texts): Promise<Shown | null> {
  const answer = await answerOf(context, requestId);
  return answer && maySee(context, answer, texts) ? { ...answer, text: textOf(answer, texts) } : null;
}

/** What is on chain is everybody's; before, an answer is for its payer, and for whoever shows it. */
function maySee({ caller }: ApiContext, answer: ExplainedAnswer, texts: Texts): boolean {
  if (answer.state === 'posted' || answer.state === 'final') return true;
  return (caller.kind !== 'anonymous' && caller.account === answer.payer) || isTextOf(answer, texts);
}
