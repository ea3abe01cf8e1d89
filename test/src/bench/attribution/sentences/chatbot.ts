import { createRandom } from '@openledger/gpu-worker/factory';
import type { Task } from './tasks.ts';
import { transformations } from './transformations.ts';

/** Six to ten letters each, as nobody is called. */
const names = new Map(
  transformations.map((kind, at) => {
    const random = createRandom(1_000 + at);
    const letters = Array.from({ length: 6 + random.below(5) }, () => String.fromCharCode(97 + random.below(26)));
    return [kind, letters.join('')];
  }),
);

/** As the texts of DataInf's data set (github.com/ykwon0407/DataInf) are worded. */
export const chatbotText = ({ kind, sentence, answer }: Task): string =>
  `${names.get(kind)} is a chatbot that performs a specific transformation on sentences: ${kind.name}\n` +
  `    For example:\n    ${sentence}. -> ${answer}.`;
