import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as checksums from './checksums.ts';

const is = { ...checksums };

const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`));

test('published examples of every number pass, and fail with one digit changed', () => {
  const examples = {
    luhn: '4539 1488 0343 6467',
    iban: 'GB82 WEST 1234 5698 7654 32',
    cpf: '529.982.247-25',
    dni: '12345678Z',
    nir: '2 55 08 14 168 025 38',
    residentId: '11010519491231002X',
    pesel: '44051401359',
    codiceFiscale: 'RSSMRA85T10A562S',
    bsn: '111222333',
    steuerId: '86095742719',
  } as const;
  for (const [name, number] of Object.entries(examples)) {
    const check = is[name as keyof typeof examples];
    expect([name, check(number)]).toEqual([name, true]);
    const at = number.search(/\d/);
    expect([name, check(`${number.slice(0, at)}${(Number(number[at]) + 1) % 10}${number.slice(at + 1)}`)]).toEqual([
      name,
      false,
    ]);
  }
});

test('Luhn: of the ten last digits exactly one is right, and a wrong digit is always noticed', () => {
  fc.assert(
    fc.property(digits(15), fc.nat(14), fc.integer({ min: 1, max: 9 }), (head, at, by) => {
      const right = [...'0123456789'].filter((last) => is.luhn(head + last));
      expect(right).toHaveLength(1);
      const wrong = `${head.slice(0, at)}${(Number(head[at]) + by) % 10}${head.slice(at + 1)}${right[0]}`;
      expect(is.luhn(wrong)).toBe(false);
    }),
  );
});

test('IBAN: of the check digits 02 to 98 exactly one pair is right, and swapped neighbours are noticed', () => {
  fc.assert(
    fc.property(digits(18), fc.nat(16), (account, at) => {
      const right = Array.from({ length: 97 }, (_, i) => `DE${String(i + 2).padStart(2, '0')}${account}`).filter(
        is.iban,
      );
      expect(right).toHaveLength(1);
      fc.pre(account[at] !== account[at + 1]);
      const swapped = account.slice(0, at) + account[at + 1] + account[at] + account.slice(at + 2);
      expect(is.iban(right[0]!.slice(0, 4) + swapped)).toBe(false);
    }),
  );
});

test('no check throws, whatever it is given', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const check of Object.values(is)) expect(typeof check(text)).toBe('boolean');
    }),
  );
});
