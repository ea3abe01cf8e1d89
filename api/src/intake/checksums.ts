/** Check digits of numbers that stand for people, accounts and cards. All take text, ignore spaces and dashes in it, and never throw. */

const digitsOf = (text: string) => text.replace(/[\s-]/g, '');

/** Luhn (ISO/IEC 7812-1), as on payment cards. */
export function luhn(text: string): boolean {
  const digits = digitsOf(text);
  if (!/^\d{2,}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0;
}

/** Letters of IBANs (ISO 13616) by country. */
const ibanLengths: Readonly<Record<string, number>> = Object.fromEntries(
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SE24 SI19 SK24 SM27 TN24 TR26 UA29 VA22 VG24 XK20'
    .split(' ')
    .map((each) => [each.slice(0, 2), Number(each.slice(2))]),
);

/** An IBAN of its country's length whose remainder by 97 is one. */
export function iban(text: string): boolean {
  const code = digitsOf(text).toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]+$/.test(code) || ibanLengths[code.slice(0, 2)] !== code.length) return false;
  let rest = 0;
  for (const character of code.slice(4) + code.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

const weighted = (digits: string, weights: readonly number[]) =>
  weights.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0);

/** Brazil's CPF: two check digits by 11. */
export function cpf(text: string): boolean {
  const digits = text.replace(/[\s.-]/g, '');
  if (!/^\d{11}$/.test(digits) || /^(\d)\1+$/.test(digits)) return false;
  const check = (length: number) =>
    ((weighted(
      digits,
      Array.from({ length }, (_, i) => length + 1 - i),
    ) *
      10) %
      11) %
    10;
  return check(9) === Number(digits[9]) && check(10) === Number(digits[10]);
}

/** Spain's DNI and NIE: a letter by 23. */
export function dni(text: string): boolean {
  const code = digitsOf(text).toUpperCase();
  const [, first, rest, letter] = /^([XYZ0-9])(\d{7})([A-Z])$/.exec(code) ?? [];
  if (first === undefined) return false;
  return (
    'TRWAGMYFPDXBNJZSQVHLCKE'[
      Number('XYZ'.includes(first) ? `${'XYZ'.indexOf(first)}${rest}` : `${first}${rest}`) % 23
    ] === letter
  );
}

/** France's NIR: 97 less the remainder by 97. */
export function nir(text: string): boolean {
  const code = digitsOf(text).toUpperCase();
  if (!/^[12]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d{2}|2[AB])\d{8}$/.test(code)) return false;
  const number = Number(code.slice(0, 13).replace('2A', '19').replace('2B', '18'));
  return 97 - (number % 97) === Number(code.slice(13));
}

/** China's resident identity number (GB 11643): ISO 7064 MOD 11-2, with a date of birth. */
export function residentId(text: string): boolean {
  const code = digitsOf(text).toUpperCase();
  if (!/^\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]$/.test(code)) return false;
  return '10X98765432'[weighted(code, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11] === code[17];
}

/** Poland's PESEL: a date of birth (the century is in the month) and a check digit. */
export function pesel(text: string): boolean {
  const digits = digitsOf(text);
  if (!/^\d{2}(?:[02468][1-9]|[13579][0-2])(?:0[1-9]|[12]\d|3[01])\d{5}$/.test(digits)) return false;
  return (10 - (weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === Number(digits[10]);
}

/** Italy's codice fiscale: a letter by 26. */
export function codiceFiscale(text: string): boolean {
  const code = text.toUpperCase();
  if (!/^[A-Z]{6}\d{2}[ABCDEHLMPRST]\d{2}[A-Z]\d{3}[A-Z]$/.test(code)) return false;
  const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
  let sum = 0;
  for (let i = 0; i < 15; i++) {
    const value = /\d/.test(code[i]!) ? Number(code[i]) : code.charCodeAt(i) - 65;
    sum += i % 2 === 0 ? odd[value]! : value;
  }
  return String.fromCharCode(65 + (sum % 26)) === code[15];
}

/** The Netherlands' BSN: divisible by 11. */
export function bsn(text: string): boolean {
  const digits = digitsOf(text);
  return /^\d{9}$/.test(digits) && digits !== '000000000' && weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;
}

/** Germany's Steuer-ID: ISO 7064 MOD 11,10. */
export function steuerId(text: string): boolean {
  const digits = digitsOf(text);
  if (!/^[1-9]\d{10}$/.test(digits)) return false;
  let product = 10;
  for (const digit of digits.slice(0, 10)) product = (((Number(digit) + product) % 10 || 10) * 2) % 11;
  return (11 - product) % 10 === Number(digits[10]);
}

/** The United States' social security number: no check digit, but numbers that were never given out. */
export const ssn = (text: string): boolean =>
  /^(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}$/.test(text) &&
  text !== '078-05-1120' &&
  text !== '219-09-9999' &&
  text !== '123-45-6789';
