import { EngineError } from '../engine.ts';

/** Characters of one event; a token with its likeliest neighbours takes a few hundred. */
const longestEvent = 1 << 20;

/**
 * The data of server-sent events, as they come. Source: HTML, section 9.2.6; of its fields, `data` alone means something here.
 *
 * @throws EngineError for an event of more than a million characters.
 */
export async function* eventsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    // A carriage return at the end may be the first half of a line's end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    if (rest.length > longestEvent || data.length > 1_000) {
      throw new EngineError(`vLLM sent an event of more than ${longestEvent} characters`);
    }
    for (const line of lines) {
      if (line.startsWith('data:')) {
        data.push(line.slice(line[5] === ' ' ? 6 : 5));
      } else if (line === '' && data.length > 0) {
        yield data.join('\n');
        data = [];
      }
    }
  }
}
