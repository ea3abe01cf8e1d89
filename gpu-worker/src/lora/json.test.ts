import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LoraError } from './errors.ts';
import { isList, isNumber, isObject, type Json, parseJson, printJson } from './json.ts';

const plain = (value: Json): unknown => {
  if (isNumber(value)) return Number(value.text);
  if (isList(value)) return value.map(plain);
  return isObject(value) ? Object.fromEntries([...value].map(([key, item]) => [key, plain(item)])) : value;
};

test('JSON means here what it means everywhere', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.nat(3), (text, indent) => {
      const spaced = JSON.stringify(JSON.parse(text), null, indent);
      expect(plain(parseJson(spaced, 'text'))).toEqual(JSON.parse(spaced));
    }),
  );
});

test('what is no JSON is refused wherever JavaScript refuses it', () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom('', '"', ',', ':', '[', '}', '0', '\\', '\n', 'e'),
      (text, at, put) => {
        const place = at % (text.length + 1);
        const broken = text.slice(0, place) + put + text.slice(place + 1);
        let isJson = true;
        try {
          JSON.parse(broken);
        } catch {
          isJson = false;
        }
        if (isJson) return;
        expect(() => parseJson(broken, 'text')).toThrow(LoraError);
      },
    ),
  );
});

test('a file written by Python comes out as it was, to the byte', () => {
  // json.dumps(value, indent=2, sort_keys=True) of Python 3.11
  const text =
    '{\n  "a": [],\n  "b": {},\n  "lora_dropout": 0.0,\n  "n": [\n    1,\n    -2.5e-05,\n    [\n      true\n    ]\n  ],\n  "z": "caf\\u00e9 \\ud83d\\ude00 \\u007f\\n\\"",\n  "\\u00e9": null\n}';
  expect(printJson(parseJson(text.replace('\\u007f', '\x7f'), 'text'))).toBe(text.replace('\\u007f', '\x7f'));
});

test('a key given twice, on which two readers could disagree, is refused', () => {
  expect(() => parseJson('{"r": 8, "r": 800}', 'The config')).toThrow('The config gives "r" twice');
});

test('nesting that would exhaust the stack is refused', () => {
  expect(() => parseJson('['.repeat(1_000_000), 'The header')).toThrow('The header is nested deeper than 32');
});

test('a text that would become many times its size in memory is refused', () => {
  expect(() => parseJson(`[${'0,'.repeat(3_000_000)}0]`, 'The header')).toThrow(
    'The header has more than 300000 values',
  );
});

test('__proto__ is a key like others', () => {
  const value = parseJson('{"__proto__": {"r": 1}}', 'text');
  expect(isObject(value) && value.has('__proto__')).toBe(true);
  expect(({} as { r?: number }).r).toBeUndefined();
});
