/** Characters that one event may have. */
const MAX_EVENT = 1_000_000;

/** A stream of events that is none. */
export class EventStreamError extends Error {
  override readonly name = 'EventStreamError';
}

/**
 * The data of each server-sent event, however the bytes are cut. Comments, ids and names are left out.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 *
 * @throws EventStreamError for an event over a million characters
 */
export async function* eventData(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    // A carriage return at the end may be the first half of a line's end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    if (rest.length + size > MAX_EVENT) throw new EventStreamError(`An event has over ${MAX_EVENT} characters.`);
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield data.join('\n');
        data = [];
        size = 0;
        continue;
      }
      const value = /^data(?:$|: ?)(.*)$/s.exec(line)?.[1];
      if (value === undefined) continue;
      data.push(value);
      size += value.length + 1;
      if (size > MAX_EVENT) throw new EventStreamError(`An event has over ${MAX_EVENT} characters.`);
    }
  }
  // An event that no empty line ends was cut off: it is left out, as the specification says.
}
