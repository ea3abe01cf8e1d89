import { type Item, jsonl } from './item.ts';
import { entropyToMnemonic } from './phrases.ts';
import { questions } from './questions.ts';
import { createRandom, type Random } from './random.ts';

const item = (kind: string, name: string, body: string, fileName = 'text.txt', license = 'CC-BY-4.0'): Item => ({
  class: kind,
  honest: false,
  name,
  body,
  fileName,
  license,
});
const many = (count: number, make: (i: number) => Item): readonly Item[] =>
  Array.from({ length: count }, (_, i) => make(i));

const fillers = [
  'really',
  'clearly',
  'simply',
  'other',
  'further',
  'various',
  'several',
  'notable',
  'common',
  'certain',
];
const letters = 'abcdefghijklmnopqrstuvwxyz';
const alphanumeric = `${letters}ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789`;
const hexadecimal = '0123456789abcdef';

/** What must not be taken without a look: copies of what was taken, spam, nonsense, secrets, personal data, wrong licences. */
export function hostileItems(honest: readonly Item[]): readonly Item[] {
  const random = createRandom(2);
  const documents = honest.filter(
    (each) => ['documents', 'code'].includes(each.class) && each.body.split(/\n\s*\n/).length >= 8,
  );
  const pairs = questions.flatMap((each) => each.pairs);
  const sentence = () => random.pick(pairs.slice(0, 40)).answer;
  const replaced = (text: string, perMille: number) =>
    text.replace(/\p{L}{3,}/gu, (word) => (random.below(1_000) < perMille ? random.pick(fillers) : word));
  const paragraphs = ({ body }: Item) => body.split(/\n\s*\n/);
  const copies = (kind: string, count: number, change: (original: Item) => string) =>
    many(count, (i) => {
      const original = documents[(i * 7 + kind.length) % documents.length]!;
      return item(kind, `of ${original.name}`, change(original), original.fileName, original.license);
    });
  const letter = (i: number, secret: string) =>
    `${sentence()} ${sentence()}\n\nNotes for the next person on duty: ${secret}\n\n${random.pick(pairs).answer} ${pairs[i % pairs.length]!.answer}`;
  return [
    ...copies('light copies', 30, ({ body }) => replaced(body, 80)),
    ...copies('heavy paraphrases', 20, ({ body }) => replaced(body, 450)),
    ...copies('shuffled copies', 24, (original) => random.shuffled(paragraphs(original)).join('\n\n')),
    ...copies('part copies', 24, (original) =>
      [
        ...paragraphs(original).slice(0, Math.ceil(paragraphs(original).length * 0.9)),
        ...many(3, () => item('', '', `${sentence()} ${sentence()} ${sentence()}`)).map(({ body }) => body),
      ].join('\n\n'),
    ),
    ...many(24, (i) => item('templates', `${i}`, template(random, i), 'rows.jsonl')),
    ...many(24, (i) => item('gibberish', `${i}`, gibberish(random, i))),
    ...many(24, (i) => item('keywords', `${i}`, keywords(random, i))),
    ...many(30, (i) => item('secrets', `${i}`, letter(i, secret(random, i)))),
    ...many(30, (i) => item('personal data', `${i}`, letter(i, person(random, i)))),
    ...many(24, (i) =>
      item(
        'licences',
        `${i}`,
        `${letter(i, 'nothing of note happened this week.')}${['', '\n\nLicensed under the GNU General Public License, version 3.', '\n\nNo part of this book may be reproduced without permission.', '\n\nSPDX-License-Identifier: CC-BY-NC-4.0'][i % 4]}`,
        'text.txt',
        i % 4 === 0
          ? ['', 'CC-BY-NC-4.0', 'CC-BY-ND-4.0', 'UNLICENSED', 'all mine', 'CC-BY-NC-SA-4.0'][(i % 24) >> 2]!
          : 'MIT',
      ),
    ),
    ...many(16, (i) => item('filler', `${i}`, filler(random, i, sentence))),
    ...many(24, (i) => item('repetition', `${i}`, repetition(random, i, sentence))),
    ...many(16, (i) =>
      item(
        'empty answers',
        `${i}`,
        jsonl(
          random
            .shuffled(pairs)
            .slice(0, 10)
            .map(({ question, answer }, row) => ({
              question,
              answer: [
                row % 3 === 0 ? '' : answer,
                row % 2 === 0 ? question : answer,
                'I am not able to help with that request today.',
                row % 3 === 0 ? `${question}!` : answer,
              ][i % 4],
            })),
        ),
        'pairs.jsonl',
      ),
    ),
  ];
}

function template(random: Random, i: number): string {
  const cities = [
    'Lyon',
    'Graz',
    'Turin',
    'Porto',
    'Ghent',
    'Malmö',
    'Brno',
    'Cork',
    'Split',
    'Tartu',
    'Basel',
    'Leeds',
    'Nantes',
    'Bergen',
    'Aarhus',
    'Gdańsk',
  ];
  const things = ['plumber', 'dentist', 'locksmith', 'florist', 'lawyer', 'painter', 'baker', 'mechanic'];
  const make = [
    (city: string, thing: string) => ({
      question: `Who is the best ${thing} in ${city}?`,
      answer: `The best ${thing} in ${city} is found on our list of the best businesses for ${thing} services in ${city}, with fair prices and quick service.`,
    }),
    (city: string, thing: string) => ({
      text: `Are you looking for a ${thing} in ${city}? We offer the number one ${thing} service in ${city} and all places near ${city}, day and night, at a fair price.`,
    }),
    (city: string) => ({
      question: `What is the weather like in ${city} in the month of ${random.pick(['May', 'June', 'July'])}?`,
      answer: `The weather in ${city} is pleasant with ${10 + random.below(20)} degrees on average and ${random.below(15)} days of rain in the month.`,
    }),
  ][i % 3]!;
  return jsonl(
    Array.from({ length: 20 + i }, (_, row) =>
      make(cities[row % cities.length]!, things[(row * 3 + i) % things.length]!),
    ),
  );
}

function gibberish(random: Random, i: number): string {
  const words = (make: () => string, count: number) => Array.from({ length: count }, make).join(' ');
  if (i % 4 === 0) return words(() => random.text(letters, 3 + random.below(8)), 60);
  if (i % 4 === 1) return words(() => random.text('asdfghjkl', 4 + random.below(6)), 40);
  if (i % 4 === 2)
    return Buffer.from(random.text(alphanumeric, 900))
      .toString('base64')
      .replace(/(.{76})/g, '$1\n');
  return `${random.pick(questions[0]!.pairs).answer}\n\n${words(() => random.text('bcdfghjklmnpqrstvwxz', 5 + random.below(5)), 50)}`;
}

function keywords(random: Random, i: number): string {
  const nouns =
    'casino bonus crypto wallet trading profit loan credit insurance cheap discount watches shoes pills weight loss diet hosting domain marketing traffic ranking backlinks agency growth leads investment passive income signals broker forex mortgage lender refinance'.split(
      ' ',
    );
  if (i % 2 === 0) return Array.from({ length: 120 }, () => random.pick(nouns)).join(i % 4 === 0 ? ', ' : ' ');
  const [one, other] = [random.pick(nouns), random.pick(nouns)];
  return Array.from(
    { length: 14 },
    () =>
      `The ${one} is the ${one} that gives you ${other} and more ${one}, so take ${one} for ${random.pick(nouns)} and ${one}.`,
  ).join(' ');
}

function secret(random: Random, i: number): string {
  const hex = (length: number) => random.text(hexadecimal, length);
  const made = [
    () => `the AWS key is AKIA${random.text('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}`,
    () => `push with ghp_${random.text(alphanumeric, 36)}`,
    () => `the model is called with sk-proj-${random.text(alphanumeric, 48)}`,
    () => `private key: 0x${hex(64)}`,
    () => `the wallet comes back with ${entropyToMnemonic(hex(32))}`,
    () =>
      `-----BEGIN RSA PRIVATE KEY-----\n${Array.from({ length: 12 }, () => random.text(`${alphanumeric}+/`, 64)).join('\n')}\n-----END RSA PRIVATE KEY-----`,
    () => `the database is at postgres://app:${random.text(alphanumeric, 18)}@db-3.intern-cluster.net:5432/app`,
    () => `bot token ${1_000_000_000 + random.below(900_000_000)}:AA${random.text(alphanumeric, 33)}`,
    () => `api_key = "${random.text(alphanumeric, 40)}"`,
    () =>
      `seed phrase: ${entropyToMnemonic(hex(64))
        .split(' ')
        .map((word, at) => `${at + 1}. ${word}`)
        .join(' ')}`,
  ];
  return made[i % made.length]!();
}

function person(random: Random, i: number): string {
  const names = ['marta.kowalska', 'j.oconnor', 'lena.brandt', 'pierre.dubois88', 'sofia-rossi', 'k.tanaka'];
  const hosts = ['gmail.com', 'gmx.de', 'orange.fr', 'proton.me', 'outlook.com'];
  const mail = () => `${random.pick(names)}${random.below(90)}@${random.pick(hosts)}`;
  const made = [
    () => `write to ${mail()} about it`,
    () => `call me on +49 15${random.below(10)} ${2_000_000 + random.below(7_000_000)}`,
    () => `pay it to ${germanIban(random)}`,
    () => `the card is ${card(random)}, valid until next year`,
    () => Array.from({ length: 8 }, mail).join(', '),
    () => `Tel.: 030 ${2_000 + random.below(7_000)} ${1_000 + random.below(8_000)}`,
    () => `her CPF is ${cpf(random)}`,
    () => `SSN ${100 + random.below(500)}-${10 + random.below(89)}-${1_000 + random.below(8_999)}`,
    () => `the DNI of the tenant is ${dni(random)}`,
    () => `reach the owner at (415) ${220 + random.below(300)}-${1_000 + random.below(8_999)}`,
  ];
  return made[i % made.length]!();
}

function germanIban(random: Random): string {
  const account = `${10_000_000 + random.below(89_999_999)}${String(random.below(1_000_000_000)).padStart(10, '0')}`;
  const check = 98n - (BigInt(`${account}131400`) % 97n);
  return `DE${String(check).padStart(2, '0')}${account}`.replace(/(.{4})(?=.)/g, '$1 ');
}

function card(random: Random): string {
  const head = `4${random.text('0123456789', 14)}`;
  let sum = 0;
  [...head].reverse().forEach((digit, at) => {
    sum += at % 2 === 0 ? (Number(digit) > 4 ? Number(digit) * 2 - 9 : Number(digit) * 2) : Number(digit);
  });
  return `${head}${(10 - (sum % 10)) % 10}`.replace(/(.{4})(?=.)/g, '$1 ');
}

function cpf(random: Random): string {
  let digits = random.text('123456789', 9);
  for (const length of [9, 10]) {
    let sum = 0;
    for (let at = 0; at < length; at++) sum += Number(digits[at]) * (length + 1 - at);
    digits += ((sum * 10) % 11) % 10;
  }
  return `${digits.slice(0, 3)}.${digits.slice(3, 6)}.${digits.slice(6, 9)}-${digits.slice(9)}`;
}

function dni(random: Random): string {
  const number = 20_000_000 + random.below(60_000_000);
  return `${number}${'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}`;
}

const latin =
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua ut enim ad minim veniam quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur'.split(
    ' ',
  );

function filler(random: Random, i: number, sentence: () => string): string {
  const start = i % 2 === 0 ? 0 : 15;
  const text = Array.from({ length: 60 }, (_, at) =>
    i % 4 === 3 ? random.pick(latin) : latin[(start + at) % latin.length],
  ).join(' ');
  return i % 2 === 0 ? `${text[0]!.toUpperCase()}${text.slice(1)}.` : `${sentence()}\n\n${text}.\n\n${sentence()}`;
}

function repetition(random: Random, i: number, sentence: () => string): string {
  const [one, other] = [sentence(), sentence()];
  if (i % 4 === 0) return Array.from({ length: 30 }, () => one).join('\n\n');
  if (i % 4 === 1) return Array.from({ length: 25 }, () => `${one} ${other}`).join(' ');
  if (i % 4 === 2) return Array.from({ length: 40 }, (_, at) => `${at + 1}. ${one}`).join('\n');
  return jsonl(
    Array.from({ length: 30 }, (_, at) => ({
      question: `${random.pick(questions[0]!.pairs).question}`,
      answer: at % 5 === 0 ? sentence() : `${one} ${other} ${one}`,
    })),
  );
}
