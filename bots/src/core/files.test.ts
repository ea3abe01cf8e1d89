import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileName, fileTrouble, largestFile, mediaTypeOf, textTypeOf } from './files.ts';

const of = (...parts: readonly (string | Uint8Array)[]) => ({
  body: Buffer.concat(parts.map((part) => Buffer.from(part as string))),
});
const pdf = '%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';
const zip = Buffer.concat([
  Buffer.from('PK\u0003\u0004'),
  deflateRawSync(Buffer.alloc(50_000)),
  Buffer.from('PK\u0005\u0006'),
  Buffer.alloc(18),
]);
const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13);

test.each([
  ['nothing', of(''), 'empty'],
  ['too much', { body: Buffer.alloc(largestFile + 1, 'a') }, 'tooLarge'],
  ['a zip', of(zip), 'notText'],
  ['a gzip', of(gzipSync('bees')), 'notText'],
  ['a picture', of(png), 'notText'],
  ['a program', of('MZ\u0090\u0000\u0003', Buffer.alloc(60)), 'notText'],
  ['UTF-16', of(Buffer.from('\uFEFFbees', 'utf16le')), 'notText'],
  ['half UTF-8', of(Uint8Array.of(0x62, 0xc3)), 'notText'],
  ['a page', of('  <!DOCTYPE html><script>alert(1)</script>'), 'page'],
  ['a drawing that runs', of('\uFEFF<svg onload="alert(1)"/>'), 'page'],
  ['entities without end', of('<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "&b;">]>'), 'page'],
  ['PHP', of('<?php system("id");'), 'page'],
  ['a PDF that is a zip', of(pdf, zip), 'mixed'],
  ['a PDF that is a page', of('%PDF-1.7 <script>alert(1)</script>\n', pdf.slice(9)), 'mixed'],
  ['a PDF with more behind its end', of(pdf, 'x'.repeat(5_000)), 'mixed'],
  ['a text that is a PDF', of('Bees are kind.\n', pdf), 'mixed'],
  ['a text that is a zip', of('Bees are kind.\n', zip), 'notText'],
])('%s is not taken', (_, file, trouble) => {
  expect(fileTrouble(file)).toBe(trouble);
});

test.each([
  ['a PDF', of(pdf)],
  ['a text', of('Bees are kind; 1 < 2 and <b>bold</b> is fine in Markdown.\n')],
  ['a text of any language', of('蜂は親切です。\nПчёлы добры. النحل لطيف\n')],
  ['a text about PDFs', of('A PDF begins with %PDF-1.7 and ends with its trailer.\n')],
])('%s is taken', (_, file) => {
  expect(fileTrouble(file)).toBeUndefined();
});

test('no file whatever makes looking at it fail', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4_000 }), (body) => {
      fileTrouble({ body });
    }),
  );
});

test('a name is no way into a folder, and no line of a header', () => {
  expect(fileName('../../etc/pass\u202Ewd.txt')).toBe('passwd.txt');
  expect(fileName('C:\\temp\\x.jsonl')).toBe('x.jsonl');
  expect(fileName('a\r\nset-cookie: b=1.md')).toBe('aset-cookie b1.md');
  expect(fileName('..')).toBe('file');
  expect(fileName('@everyone https://evil.example/.csv')).toBe('file.csv');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      const safe = fileName(name);
      expect(safe).toMatch(/^[\p{L}\p{N} ._()-]{1,120}$/u);
      expect(safe).not.toMatch(/^\.|\.\./);
      expect(encodeURIComponent(safe)).toBeTruthy();
    }),
  );
});

test('a media type is one, or nothing', () => {
  expect(mediaTypeOf('Text/CSV; charset=utf-8')).toBe('text/csv');
  for (const said of [undefined, '', 'csv', 'a/b\r\nx: y', `${'a'.repeat(90)}/b`])
    expect(mediaTypeOf(said)).toBeUndefined();
  const body = Uint8Array.of(97);
  expect(textTypeOf({ name: 'x.MD', mediaType: 'application/octet-stream', body })).toBe('text/markdown');
  expect(textTypeOf({ name: 'x', mediaType: undefined, body })).toBe('text/plain');
});
