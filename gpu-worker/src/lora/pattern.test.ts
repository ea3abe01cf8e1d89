import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LoraError } from './errors.ts';
import { compilePattern, compileSuffixPattern } from './pattern.ts';

const names = [
  'model.layers.0.self_attn.q_proj',
  'model.layers.11.mlp.down_proj',
  'transformer.h.0.attn.c_attn',
  'lm_head',
  'visual.blocks.3.attn.qkv',
  'model.layers.1.self_attn.rotary_emb',
  'a{b}c',
  'bert.encoder.layer.0.attention.self.query',
];

// Which of the names re.fullmatch of Python 3.11 finds. Several are what Unsloth, ms-swift and LLaMA-Factory write.
test.each([
  [String.raw`.*\.(q|v)_proj`, [0]],
  [String.raw`model\.layers\.(0|1)\..*`, [0, 5]],
  ['^(?!.*visual).*(?:q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)$', [0, 1]],
  ['.*decoder.*(SelfAttention|EncDecAttention).*(q|v)$', []],
  ['.*self_attn.*(?<!rotary_emb)', [0]],
  [
    String.raw`(?:.*?(?:language|text).*?(?:self_attn|mlp).*?(?:q_proj|down_proj).*?)|(?:\bmodel\.layers\.[\d]{1,}\.(?:self_attn|attention|attn|mlp|feed_forward|ffn|dense)\.(?:(?:q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)))`,
    [0, 1],
  ],
  ['a{b}c', [6]],
  ['[^.]+', [3, 6]],
  [String.raw`\w+\.\w+\.\d+\.[a-z_]+\.\w+`, [0, 1, 2, 4, 5]],
  [String.raw`(?P<a>model)\.layers\.[0-9]+\..+`, [0, 1, 5]],
  [String.raw`.*\.layer\.[0-2]\..*(query|value)`, [7]],
  ['q_proj', []],
  ['(?=model).*proj', [0, 1]],
  [String.raw`.*\.\d{2}\..*`, [1]],
  ['[]a{b}c]*', [6]],
  [String.raw`(lm_head|.*c_attn)\Z`, [2, 3]],
  [String.raw`.*\bqkv\b`, [4]],
])('%s adapts the modules that it does in Python', (source, expected) => {
  const matches = compilePattern(source);
  expect(names.flatMap((name, index) => (matches(name) ? [index] : []))).toEqual(expected);
});

/** Patterns that Python and JavaScript both read, and in the same way. */
const { pattern } = fc.letrec<{ pattern: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', '.', String.raw`\.`, String.raw`\w`, String.raw`\d`, '[ab]', '[^a.]', '[a-c_]'),
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?:${inner})`),
    tie('pattern').map((inner) => `(?=${inner})a`),
    tie('pattern').map((inner) => `(?!${inner})`),
    tie('pattern').map((inner) => `(?<=${inner})`),
  ),
  pattern: fc
    .array(fc.tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '{1,2}', '{2}', '{1,}', '*?')), {
      maxLength: 4,
    })
    .map((parts) =>
      parts
        .map(([atom, times]) =>
          atom.startsWith('(?=') || atom.startsWith('(?!') || atom.startsWith('(?<') ? atom : atom + times,
        )
        .join(''),
    )
    .chain((left) =>
      fc.oneof(
        fc.constant(left),
        fc.constantFrom('a', 'b.', '').map((right) => `${left}|${right}`),
      ),
    ),
}));

test('patterns mean here what they mean to a backtracking engine', () => {
  fc.assert(
    fc.property(
      pattern,
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '_', '1'), maxLength: 8 }),
      (source, text) => {
        expect(compilePattern(source)(text)).toBe(new RegExp(`^(?:${source})$`).test(text));
        expect(compileSuffixPattern(source)(text)).toBe(new RegExp(`^(?:.*\\.)?(?:${source})$`).test(text));
      },
    ),
    { numRuns: 500 },
  );
});

describe('a pattern made to stop the worker', () => {
  test('that would backtrack for years is answered at once', () => {
    const name = `model.${'a'.repeat(300)}`;
    const begin = performance.now();
    expect(compilePattern('(.+)+x')(name)).toBe(false);
    expect(compilePattern('(.*)*(.*)*(.*)*(.*)*y')(name)).toBe(false);
    expect(performance.now() - begin).toBeLessThan(1_000);
  });

  test('that takes too many steps is refused', () => {
    const source = `${'(?:'.repeat(20)}.${'*)'.repeat(20)}x${'(?<=.*.*.*a)'.repeat(300)}`;
    expect(() => compilePattern(source)('a'.repeat(500))).toThrow('takes more than 200000 steps');
  });

  test.each([
    ['a'.repeat(9_000), '9000 characters'],
    ['('.repeat(500), 'groups nested deeper than 64'],
    ['a{5000}', 'a count above 1000'],
  ])('by its size is refused', (source, message) => {
    expect(() => compilePattern(source)).toThrow(message);
  });
});

test.each([
  ['(', 'a group without an end'],
  ['a)', 'a closing bracket too many'],
  ['[a', 'a set without an end'],
  ['a**', 'a second quantifier'],
  ['*a', 'a quantifier of nothing'],
  ['^*', 'a quantifier of a position'],
  ['a++', 'a possessive quantifier, which is not read'],
  ['(?i)a', 'the group (?i), which is not read'],
  ['(?P=x)', 'the group (?P=, which is not read'],
  [String.raw`(a)\1`, String.raw`\1, which is not read`],
  [String.raw`\q`, String.raw`\q, which is not read`],
  ['[b-a]', 'a range from more to less'],
  ['a{3,2}', 'a count from more to less'],
  ['a\\', 'a backslash at the end'],
])('%s is refused, not guessed at', (source, message) => {
  expect(() => compilePattern(source)).toThrow(LoraError);
  expect(() => compilePattern(source)).toThrow(message);
});
