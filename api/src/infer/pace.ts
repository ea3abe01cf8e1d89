import type { Told } from './route.ts';

/**
 * The same answer at its reader's pace: texts that come while the reader is busy become one. The source is read as fast as
 * it comes, so that a slow reader holds no place at the worker; ending this ends it.
 */
export async function* atReadersPace(source: AsyncGenerator<Told, void>): AsyncGenerator<Told, void> {
  let text: Extract<Told, { kind: 'text' }> | undefined;
  let last: Told | undefined;
  let ended: { readonly error?: unknown } | undefined;
  let wake: (() => void) | undefined;
  const pump = async () => {
    try {
      for await (const told of source) {
        if (told.kind === 'text') text = text ? { ...told, text: text.text + told.text } : told;
        else last = told;
        wake?.();
      }
      ended = {};
    } catch (error) {
      ended = { error };
    }
    wake?.();
  };
  void pump();
  try {
    for (;;) {
      if (text) {
        const taken = text;
        text = undefined;
        yield taken;
      } else if (last) {
        yield last;
        return;
      } else if (ended) {
        if ('error' in ended) throw ended.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
    }
  } finally {
    void source.return();
  }
}
