import { expect, test } from 'vitest';
import { ask } from './ask.ts';
import type { Tested } from './conformance.ts';

export const stopping = (tested: () => Tested): void => {
  const asked = () => ({
    prompt: tested().base.tokenizer.encode('The function returns'),
    maxTokens: 32,
    ignoreEnd: true,
  });

  test('an answer ends before a stop text that is spread over tokens, and no piece has any of it', async () => {
    const { engine, base } = tested();
    const whole = await ask(engine, asked());
    const parts = whole.ids.map((id) => base.tokenizer.decode([id]));
    // From the second half of one token over the next into the one after that.
    const at = parts.findIndex((part, at) => at > 3 && part.length > 2 && parts[at + 1]!.length > 1);
    const before = parts.slice(0, at).join('').length + 2;
    const stop = whole.text.slice(before, before + parts[at]!.length - 2 + parts[at + 1]!.length + 1);
    const expected = whole.text.slice(0, whole.text.indexOf(stop));
    const answer = await ask(engine, { ...asked(), stop: ['never to be seen', stop] });
    expect(answer).toMatchObject({ text: expected, finish: 'stop' });
    expect(answer.ids).toEqual(whole.ids.slice(0, answer.ids.length));
    expect(answer.ids.length).toBeLessThan(whole.ids.length);
    let seen = '';
    for (const { text } of answer.pieces) {
      seen += text;
      expect(expected.startsWith(seen)).toBe(true);
    }
  });

  test('what only begins like a stop text is given after all', async () => {
    const { engine } = tested();
    const whole = await ask(engine, asked());
    for (const from of [2, 9, whole.text.length - 3]) {
      const stop = `${whole.text.slice(from, from + 3)}\u0000`;
      const answer = await ask(engine, { ...asked(), stop: [stop] });
      expect(answer).toMatchObject({ text: whole.text, ids: whole.ids, finish: 'length' });
    }
  });

  test('of several stop texts the first counts, wherever it stands in the list', async () => {
    const { engine } = tested();
    const { text } = await ask(engine, asked());
    const [early, late] = [text.slice(6, 9), text.slice(20, 24)];
    const expected = text.slice(0, Math.min(text.indexOf(early), text.indexOf(late)));
    for (const stop of [
      [early, late],
      [late, early],
    ]) {
      expect(await ask(engine, { ...asked(), stop })).toMatchObject({ text: expected, finish: 'stop' });
    }
  });

  test('of two stop texts that one token completes the first in the text counts', async () => {
    const { engine, base } = tested();
    const whole = await ask(engine, asked());
    const parts = whole.ids.map((id) => base.tokenizer.decode([id]));
    const at = parts.findIndex((part, at) => at > 0 && new Set(part.slice(1, 4)).size === 3);
    const part = parts[at]!;
    const before = parts.slice(0, at).join('');
    // With what stands before, so that neither comes earlier.
    const [first, second] = [2, 3].map((length) => before.slice(-3) + part.slice(0, length));
    const expected = whole.text.slice(0, whole.text.indexOf(first!));
    const answer = await ask(engine, { ...asked(), stop: [second!.slice(1), first!] });
    expect(answer).toMatchObject({ text: expected, finish: 'stop' });
  });

  test('the model’s own end ends an answer, unless it is to go on; it is no text', async () => {
    const { engine, base } = tested();
    const end = base.config.eos_token_id;
    const sampling = { logitBias: new Map([[end, 100]]) };
    expect(await ask(engine, { ...asked(), ignoreEnd: false, sampling })).toMatchObject({
      text: '',
      ids: [end],
      finish: 'stop',
    });
    const on = await ask(engine, { ...asked(), maxTokens: 3, sampling });
    expect(on).toMatchObject({ text: '', ids: [end, end, end], finish: 'length' });
  });

  test('no piece has half a character, and what was no character becomes U+FFFD', async () => {
    const { engine, base } = tested();
    // Single bytes of 'é', '🙂', and a letter: some make characters, some never do.
    const bytes = [0xc3, 0xa9, 0xf0, 0x9f, 0x99, 0x82, 0x61];
    const ids = Array.from({ length: 256 + 3 }, (_, id) => id).filter((id) => {
      const own = base.tokenizer.bytesOf(id);
      return own.length === 1 && bytes.includes(own[0]!);
    });
    expect(ids).toHaveLength(bytes.length);
    const sampling = { temperature: 2, seed: 11, logitBias: new Map(ids.map((id) => [id, 90])) };
    const answer = await ask(engine, { ...asked(), maxTokens: 64, sampling, logprobs: 0 });
    const all = Buffer.concat(answer.ids.map((id) => base.tokenizer.bytesOf(id)));
    expect(answer.text).toBe(new TextDecoder().decode(all));
    expect(Buffer.concat(answer.tokens!.map((token) => token.bytes))).toEqual(all);
    const stopped = await ask(engine, { ...asked(), maxTokens: 64, sampling, stop: ['a'] });
    expect(stopped.text).toBe(answer.text.slice(0, answer.text.indexOf('a')));
  });
};
