import { UnreadableError } from './finding.ts';
import { plainRows } from './plain.ts';
import type { Row } from './row.ts';
import { bounds } from './rules.ts';

/**
 * Reads the text of a PDF, page by page. To be called in a worker that is ended when it takes too long: a decoder that runs
 * cannot be interrupted from within.
 * @throws UnreadableError when it is encrypted, damaged, has no text (a scan), too many pages, or unpacks to too much
 */
export async function pdfRows(body: Uint8Array): Promise<readonly Row[]> {
  boundBuffers();
  const { getResolvedPDFJS } = await import('unpdf');
  const { getDocument, VerbosityLevel } = await getResolvedPDFJS();
  const task = getDocument({
    data: body.slice(),
    disableFontFace: true,
    useSystemFonts: false,
    stopAtErrors: false,
    maxImageSize: 1,
    verbosity: VerbosityLevel.ERRORS,
  });
  try {
    const document = await task.promise;
    if (document.numPages > bounds.pages) {
      throw new UnreadableError(
        'reading',
        `The PDF has ${document.numPages.toLocaleString('en')} pages; at most ${bounds.pages} are read. Split it and send the parts one by one.`,
      );
    }
    return await rowsOf(document);
  } catch (error) {
    throw explained(error);
  } finally {
    await task.destroy().catch(() => {});
  }
}

type Page = { getTextContent(): Promise<{ items: readonly unknown[] }>; cleanup(): void };

async function rowsOf(document: { numPages: number; getPage(number: number): Promise<Page> }): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let [characters, empty] = [0, 0];
  for (let number = 1; number <= document.numPages; number++) {
    const page = await document.getPage(number);
    const text = pageText((await page.getTextContent()).items);
    page.cleanup();
    characters += text.length;
    if (characters > bounds.characters) {
      throw new UnreadableError(
        'reading',
        `The PDF holds more than ${bounds.characters.toLocaleString('en')} characters by page ${number}. Split it and send the parts one by one.`,
      );
    }
    if (text.trim() === '') empty += 1;
    for (const row of plainRows(text)) rows.push({ ...row, line: number });
  }
  if (characters < 20 * document.numPages && empty > document.numPages / 2) {
    throw new UnreadableError(
      'reading',
      `${empty} of ${document.numPages} pages have no text: the PDF seems to be scanned. Run text recognition (OCR) on it, read what it made, and send that as text.`,
    );
  }
  return rows;
}

/** Lines as they stand on the page; a gap larger than a line is a new paragraph. */
function pageText(items: readonly unknown[]): string {
  const parts: string[] = [];
  let [last, height] = [Number.NaN, 0];
  for (const item of items as readonly {
    str?: string;
    hasEOL?: boolean;
    height?: number;
    transform?: readonly number[];
  }[]) {
    if (item.str === undefined) continue;
    const y = item.transform?.[5] ?? Number.NaN;
    if (item.str !== '' && Math.abs(y - last) > 1.9 * Math.max(height, item.height ?? 0, 4)) parts.push('\n\n');
    parts.push(item.str.replaceAll('\0', '').toWellFormed());
    if (item.hasEOL === true) parts.push('\n');
    if (item.str !== '') [last, height] = [y, item.height ?? 0];
  }
  return parts.join('').replace(/\n{3,}/g, '\n\n');
}

function explained(error: unknown): unknown {
  if (error instanceof UnreadableError) return error;
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  if (name === 'PasswordException') {
    return new UnreadableError(
      'reading',
      'The PDF is encrypted with a password. Save it without one and send it again.',
    );
  }
  if (message.includes(tooLarge)) {
    return new UnreadableError(
      'reading',
      `A stream of the PDF unpacks to more than ${bounds.pdfStream / 1024 / 1024} MiB. Send its text instead.`,
    );
  }
  return new UnreadableError(
    'reading',
    `The PDF is damaged and cannot be read (${message.slice(0, 100)}). Save it anew, or send its text.`,
  );
}

const tooLarge = 'buffer above the bound of intake';
let bounded = false;

/**
 * A few hundred bytes can unpack to gigabytes, and what buffers hold is outside the heap that a worker's limit counts. pdf.js
 * grows its buffers by `new Uint8Array(length)`: here, in this worker, that refuses a length above the bound.
 */
function boundBuffers(): void {
  if (bounded) return;
  bounded = true;
  globalThis.Uint8Array = new Proxy(Uint8Array, {
    construct(target, parameters: unknown[], newTarget) {
      if (typeof parameters[0] === 'number' && parameters[0] > bounds.pdfStream) throw new RangeError(tooLarge);
      return Reflect.construct(target, parameters, newTarget);
    },
  });
}
