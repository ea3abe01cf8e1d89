import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csv, jsonl } from '../../test/labelled/item.ts';
import { pdf, pdfPage } from '../../test/pdf.ts';
import { UnreadableError } from './finding.ts';
import { markdownRows, plainRows } from './plain.ts';
import { readBody } from './reading.ts';
import { examineApart } from './workshop.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string | Uint8Array, fileName?: string) =>
  readBody(typeof text === 'string' ? bytes(text) : text, undefined, fileName);

/** What the contributor is told. */
async function refusal(text: string | Uint8Array, fileName?: string): Promise<string> {
  try {
    await read(text, fileName);
    return 'read';
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return `${error.finding.check}: ${error.finding.explanation}`;
  }
}

const line = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter(
    (text) =>
      text.trim() !== '' &&
      text.isWellFormed() &&
      !/[\0\u2028\u2029]/.test(text) &&
      text === text.trim() &&
      !text.includes('\ufeff'),
  );

test('what is written as JSON Lines or CSV is read back, with the line of each row', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ question: line, answer: line }), { minLength: 1, maxLength: 8 }),
      async (pairs) => {
        const rows = (await read(jsonl(pairs), 'a.jsonl')).rows;
        expect(rows.map(({ question, answer }) => ({ question, answer }))).toEqual(pairs);
        expect(rows.map((row) => row.line)).toEqual(pairs.map((_, i) => i + 1));
        const safe = pairs.map(({ question, answer }) => ({
          question: question.replace(/[\r\n]/g, ' '),
          answer: answer.replace(/[\r\n]/g, ' '),
        }));
        const table = csv([['question', 'answer'], ...safe.map(({ question, answer }) => [question, answer])]);
        expect(
          (await read(`\ufeff${table}`, 'a.csv')).rows.map(({ question, answer }) => ({ question, answer })),
        ).toEqual(safe);
      },
    ),
    { numRuns: 60 },
  );
});

test('no text is lost when documents are cut into rows, and every row says where it begins', () => {
  const letters = (text: string) => text.replace(/\s+/g, '');
  const block = fc.oneof(
    line,
    fc.constant('```\na\n\nb\n```'),
    fc.constant('# Heading'),
    line.map((text) => text.repeat(80)),
  );
  fc.assert(
    fc.property(fc.array(block, { maxLength: 12 }), (blocks) => {
      const text = blocks.join('\n\n');
      for (const rows of [plainRows(text), markdownRows(text)]) {
        expect(letters(rows.map((row) => row.text).join(''))).toBe(letters(text));
        for (const row of rows) expect(row.text.length).toBeLessThanOrEqual(2_000);
      }
    }),
    { numRuns: 100 },
  );
});

test('any bytes are read or refused with an explanation, never anything else', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary' }).map(bytes), fc.json().map(bytes)),
      fc.constantFrom(undefined, 'a.csv', 'a.jsonl', 'a.md', 'a.txt'),
      async (body, fileName) => {
        expect(typeof (await refusal(body, fileName))).toBe('string');
      },
    ),
    { numRuns: 300 },
  );
});

test('what is not accepted is told what it is, where, and what would be right', async () => {
  const said = await Promise.all([
    refusal(''),
    refusal(new Uint8Array(5_000_001)),
    refusal(Buffer.from('504b0304140000000800', 'hex')),
    refusal('<svg onload="alert(1)"></svg>'),
    refusal(Buffer.from('\ufeffhello', 'utf16le')),
    refusal('text\0text'),
    refusal(Buffer.concat([bytes('one\ntwo '), Buffer.from([0xed, 0xa0, 0x80])])),
    refusal('{"text":"half \\ud800"}', 'a.jsonl'),
    refusal('{"text":"fine"}\nnot json', 'a.jsonl'),
    refusal('{"a":[{"b":1}]}', 'a.pdf'),
    refusal('[{"text":"a"}]'),
    refusal(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 'a.jsonl').then((text) => text.slice(0, 60)),
    refusal(`{"text":"${'x '.repeat(100_000)}"}`, 'a.jsonl'),
    refusal('question,answer\nWhat?,"open', 'a.csv'),
    refusal('question,answer\nWhat,is,this', 'a.csv'),
    refusal(`${'c,'.repeat(1_000_000)}\n`, 'a.csv'),
    refusal('a b\n\n'.repeat(100_001)),
  ]);
  expect(said).toMatchInlineSnapshot(`
    [
      "size: The file is empty.",
      "size: The file has 5,000,001 bytes; at most 5,000,000 are taken. Split it and send the parts one by one.",
      "type: The content is application/zip (.zip), which is not accepted. Send plain text, Markdown, JSON Lines, CSV, or a PDF with text in it.",
      "type: The text begins with <svg: HTML, SVG and XML are not accepted. Send what a reader of the page would read, as Markdown or plain text.",
      "type: The text is UTF-16. Save it as UTF-8 and send it again.",
      "type: Byte 5 is NUL, which no text holds: this is a binary file, or UTF-16. Send plain text, Markdown, JSON Lines, CSV, or a PDF with text in it.",
      "type: Byte 10 (line 2) is not UTF-8. Save the text as UTF-8 and send it again.",
      "reading: Line 1 escapes half of a character (a lone surrogate, \\ud800 to \\udfff). Write the character itself.",
      "reading: Line 2 is not JSON (Unexpected token 'o'). Each line must be one object, for example {"question":"…","answer":"…"}.",
      "type: It is called a PDF but does not begin with %PDF-. Send the PDF itself, or its text as .txt.",
      "type: This is one JSON document. Send JSON Lines: one object on each line, for example {"question":"…","answer":"…"}.",
      "reading: Line 1 has 100,006 characters; a line of JSON Lines",
      "reading: Line 1 has 200,011 characters; a line of JSON Lines may have 100,000. Put each record on a line of its own.",
      "reading: The quote opened on or before line 2 is never closed. Close it, or double it if it belongs to the text: "". (Looked for “,” between the columns.)",
      "reading: Line 2 has another number of columns than line 1. Put values that hold the separator in quotes. (Looked for “,” between the columns.)",
      "reading: Line 1 has 1,000,001 columns; at most 200 are read.",
      "reading: There are more than 100,000 rows. Split the file and send the parts one by one.",
    ]
  `);
});

test('PDFs: text is read with its page; encrypted, scanned and damaged ones are explained; one that unpacks to too much is stopped', async () => {
  const pages = [
    pdfPage(['Bees dance in the hive to tell others where they found flowers.', 'They measure against the sun.']),
    pdfPage(['A second page speaks of mites that feed on brood.']),
  ];
  const good = await examineApart({ body: pdf(pages) });
  expect(good.readable && good.reading.rows.map(({ text, line }) => ({ text, line }))).toMatchInlineSnapshot(`
    [
      {
        "line": 1,
        "text": "Bees dance in the hive to tell others where they found flowers.
    They measure against the sun.",
      },
      {
        "line": 2,
        "text": "A second page speaks of mites that feed on brood.",
      },
    ]
  `);
  const encrypted =
    '/Encrypt << /Filter /Standard /V 1 /R 2 /O (01234567890123456789012345678901) /U (01234567890123456789012345678901) /P -4 >> /ID [(0123456789012345)(0123456789012345)] ';
  const bad = [
    pdf([pdfPage([]), pdfPage([])]),
    pdf(pages, encrypted),
    pdf(pages).subarray(0, 300),
    pdf([deflateSync(Buffer.alloc(150_000_000, 32), { level: 1 })]),
  ];
  const said = [];
  for (const body of bad) {
    const examined = await examineApart({ body });
    said.push(examined.readable ? 'read' : examined.finding.explanation);
  }
  expect(said).toMatchInlineSnapshot(`
    [
      "2 of 2 pages have no text: the PDF seems to be scanned. Run text recognition (OCR) on it, read what it made, and send that as text.",
      "The PDF is encrypted with a password. Save it without one and send it again.",
      "The PDF is damaged and cannot be read (Invalid PDF structure.). Save it anew, or send its text.",
      "A stream of the PDF unpacks to more than 64 MiB. Send its text instead.",
    ]
  `);
});

test('patterns that a text is made to be slow for take no longer than others', async () => {
  for (const piece of [
    '-',
    '`',
    '![[',
    'a@',
    '1 ',
    '<a ',
    'eyJaaaaaaaaaaaaa.',
    'phone (1 ',
    '://a:',
    'password="',
    'private key ',
    '蜂',
  ]) {
    const examined = await examineApart({ body: bytes(piece.repeat(Math.floor(60_000 / piece.length))) });
    expect(
      examined.readable && [...examined.quality, ...examined.privacy].some(({ outcome }) => outcome === 'refuse'),
    ).toBe(true);
  }
});
