import * as is from './checksums.ts';

/** Something of a person's or a secret, as it was found in a row. */
export type Leak = {
  readonly kind: string;
  /** What it is, in the plural, for the contributor. */
  readonly name: string;
  /** As much of it as may be shown. */
  readonly masked: string;
  /** Whether one is enough to refuse. */
  readonly grave: boolean;
};

/** The first and the last characters; never more than a fifth of it. */
export function mask(text: string, shown = 2): string {
  const flat = text.replace(/\s+/g, ' ');
  const ends = Math.min(shown, Math.floor(flat.length / 10));
  return `${flat.slice(0, ends)}…${ends === 0 ? '' : flat.slice(-ends)}`;
}

/** Reserved for examples (RFC 2606, RFC 6761), and names that documentation uses in their place. */
const exampleDomain =
  /(?:^|\.)(?:example(?:\.\w+)?|example\.(?:com|net|org|edu)|test|invalid|localhost|local|acme\.(?:com|org)|domain\.(?:com|tld)|foo\.(?:com|bar)|bar\.com|company\.com|yourdomain\.\w+|mydomain\.\w+|email\.com|mail\.com|a\.b|host|server|site\.com|users\.noreply\.github\.com)$/i;
/** Offices, not people. */
const role =
  /^(?:info|support|help|contact|sales|admin|administrator|root|webmaster|hostmaster|postmaster|abuse|security|privacy|legal|press|media|jobs|careers|hello|team|office|billing|noreply|no-reply|donotreply|git|hg|bot|[a-z-]*bot|conduct|coc|opensource|oss|feedback|newsletter|license|licensing|copyright|service|user|username|name|you|me|your[._-]?(?:name|email)|test|example|foo|bar|alice|bob|john\.?doe|jane\.?doe|someone|anyone|.*-(?:help|list|dev|users|announce|unsubscribe|subscribe))(?:\+.*)?$/i;

function emails(text: string): readonly Leak[] {
  const found: Leak[] = [];
  for (const [address, local, domain] of text.matchAll(
    /(?<![\w.+/-])([\w.+-]{1,64})@((?:[\w-]{1,63}\.){1,5}[a-z]{2,24})(?![\w@-])/gi,
  )) {
    // package@1.2.3, image@2x.png and user@host:path are no addresses.
    if (
      exampleDomain.test(domain!) ||
      role.test(local!) ||
      /\.(?:png|jpe?g|gif|svg|webp|js|ts|css|json|md)$/i.test(domain!) ||
      /^\d/.test(domain!)
    )
      continue;
    found.push({
      kind: 'email',
      name: 'e-mail addresses',
      masked: `${local![0]}…@…${domain!.slice(domain!.lastIndexOf('.'))}`,
      grave: false,
    });
    void address;
  }
  return found;
}

/** Numbers that regulators keep for films and examples. */
const fictionalPhone =
  /^(?:\+?1)?\d{3}555(?:01\d\d|\d{4}$)|^\+?1?555|^\+?44(?:7700900|1632960|2079460|1134960|8081570)|^\+?33(?:199|26191|353|465|536|639)\d*|^\+?61(?:491570|2[57]010|1800160)|^\+?49(?:30230|6990009|4066969|22146\d|8999998|1520|171)\d*(?:0000|12345)|^\+?(\d)\1{6,}|^\+?\d{0,4}1234567|0000000|(\d)\2{6}/;

function phones(text: string): readonly Leak[] {
  const found: Leak[] = [];
  const international =
    /(?<![\w+./-])(?:\+|00)(?:[1-9]\d{0,2})[\s.-]?(?:\(0?\d{1,4}\)[\s.-]?)?\d{1,4}(?:[\s.-]?\d{2,4}){2,4}(?![\w.-]*\d)/g;
  const named =
    /\b(?:tel(?:efon|ephone)?|phone|mobile|mobil|handy|cell|call me|fax|whatsapp|teléfono|téléphone|telefone|тел)\b[^\d\n+]{0,20}(\(?\d[\d\s().-]{6,17}\d)/gi;
  const local = /(?<![\w.+/-])\(\d{3}\) ?\d{3}-\d{4}(?!\w)/g;
  for (const candidate of [
    ...[...text.matchAll(international)].map(([all]) => all),
    ...[...text.matchAll(named)].map(([, number]) => number!),
    ...[...text.matchAll(local)].map(([all]) => all),
  ]) {
    const digits = candidate.replace(/[^\d+]/g, '').replace(/^00/, '+');
    if (digits.length < 8 || digits.length > 16 || fictionalPhone.test(digits)) continue;
    found.push({ kind: 'phone', name: 'telephone numbers', masked: mask(candidate), grave: false });
  }
  return found;
}

/** Numbers that banks and card networks publish for tests. */
const testCards = new Set(
  '4242424242424242 4000056655665556 5555555555554444 2223003122003222 5200828282828210 5105105105105100 378282246310005 371449635398431 6011111111111117 6011000990139424 3056930009020004 36227206271667 3566002020360505 6200000000000005 4111111111111111 4012888888881881 4000000000000002 4000000000009995 4000002500003155 4000002760003184 4222222222222 30569309025904 38520000023237 3530111333300000 378734493671000 4000000000003220 4917610000000000 4007000000027 6304000000000000 5019717010103742 4539578763621486 4716461583322103'.split(
    ' ',
  ),
);
const exampleIbans = new Set(
  'GB82WEST12345698765432 GB29NWBK60161331926819 GB33BUKB20201555555555 DE89370400440532013000 DE75512108001245126199 FR1420041010050500013M02606 FR7630006000011234567890189 ES9121000418450200051332 ES7921000813610123456789 IT60X0542811101000000123456 NL91ABNA0417164300 BE68539007547034 CH9300762011623852957 AT611904300234573201 PL61109010140000071219812874 PT50000201231234567890154 SE4550000000058398257466 NO9386011117947 DK5000400440116243 FI2112345600000785 IE29AIBK93115212345678 LU280019400644750000 BR1800360305000010009795493C1'.split(
    ' ',
  ),
);

function accounts(text: string): readonly Leak[] {
  const found: Leak[] = [];
  for (const [number] of text.matchAll(/(?<![\w.-])(?:3[4-7]|[2456]\d)\d{2}(?:[ -]?\d{2,6}){2,4}(?![\w-]|\.\d)/g)) {
    const digits = number.replace(/\D/g, '');
    if (
      digits.length < 13 ||
      digits.length > 19 ||
      !is.luhn(digits) ||
      testCards.has(digits) ||
      /(\d)\1{6}/.test(digits) ||
      /1234567/.test(digits)
    )
      continue;
    if (
      !/^(?:4\d{12}(?:\d{3})?(?:\d{3})?|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12,15}|35\d{14}|62\d{14,17})$/.test(
        digits,
      )
    )
      continue;
    found.push({ kind: 'card', name: 'numbers of payment cards', masked: mask(number, 1), grave: true });
  }
  for (const [code] of text.matchAll(/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b/g)) {
    const flat = code.replace(/ /g, '');
    if (is.iban(flat) && !exampleIbans.has(flat))
      found.push({ kind: 'iban', name: 'bank accounts (IBAN)', masked: mask(flat), grave: true });
  }
  return found;
}

/** Identity numbers: the strong ones wherever they stand, the weak ones only where the text calls them so. */
const identities: readonly (readonly [pattern: RegExp, check: (text: string) => boolean, name: string])[] = [
  [/(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)/g, is.cpf, 'CPF'],
  [/\b[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}\b/g, is.nir, 'NIR'],
  [/\b\d{17}[\dXx]\b/g, is.residentId, 'Chinese identity card'],
  [/\b[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]\b/g, is.codiceFiscale, 'codice fiscale'],
  [
    /\b(?:\d{8}-?[A-Z]|[XYZ]-?\d{7}-?[A-Z])\b/g,
    (text) => is.dni(text) && !/^12345678|^00000000/.test(text),
    'DNI or NIE',
  ],
  [/(?<=\bPESEL\b[^\d\n]{0,20})\d{11}\b/gi, is.pesel, 'PESEL'],
  [/(?<=\b(?:BSN|burgerservicenummer)\b[^\d\n]{0,20})\d{9}\b/gi, is.bsn, 'BSN'],
  [
    /(?<=\b(?:steuer-?id(?:entifikationsnummer)?|idnr)\b[^\d\n]{0,20})\d{2} ?\d{3} ?\d{3} ?\d{3}\b/gi,
    is.steuerId,
    'Steuer-ID',
  ],
  [/(?<=\b(?:ssn|social security)\b[^\d\n]{0,30})\d{3}-\d{2}-\d{4}\b/gi, is.ssn, 'social security number'],
];

function papers(text: string): readonly Leak[] {
  return identities.flatMap(([pattern, check, name]) =>
    [...text.matchAll(pattern)]
      .filter(([number]) => check(number))
      .map(([number]) => ({
        kind: 'identity',
        name: `identity numbers (${name})`,
        masked: mask(number, 1),
        grave: true,
      })),
  );
}

/** What a row tells of people. */
export function personalData(text: string): readonly Leak[] {
  if (!/\d|@/.test(text)) return [];
  return [
    ...(text.includes('@') ? emails(text) : []),
    ...(/\d{2}/.test(text) ? [...phones(text), ...accounts(text), ...papers(text)] : []),
  ];
}
