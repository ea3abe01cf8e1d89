import type { choicesOf } from './completions.ts';

// Bodies of answers, as vLLM has them.

export const modelCards = (model: string, maxModelLen: number, loras: readonly { name: string; path: string }[]) => {
  const card = { object: 'model', created: Math.floor(Date.now() / 1_000), owned_by: 'vllm', permission: [] };
  return [
    { ...card, id: model, root: model, parent: null, max_model_len: maxModelLen },
    ...loras.map(({ name, path }) => ({ ...card, id: name, root: path, parent: model, max_model_len: null })),
  ];
};

export const gathered = async (choices: ReturnType<typeof choicesOf>, promptTokens: number) => {
  const whole: { text: string; token_ids: number[]; finish_reason: string | null }[] = [];
  let tokens = 0;
  for await (const { index, text, token_ids = [], finish_reason } of choices) {
    tokens++;
    whole[index] ??= { text: '', token_ids: [], finish_reason: null };
    whole[index].text += text;
    whole[index].token_ids.push(...token_ids);
    whole[index].finish_reason = finish_reason;
  }
  return { choices: whole.map((choice, index) => ({ index, ...choice })), usage: usageOf(promptTokens, tokens) };
};

export const usageOf = (prompt: number, completion: number) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
});
