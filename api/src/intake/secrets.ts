import { Mnemonic, wordlists } from 'ethers';
import { type Leak, mask } from './persons.ts';

/** Keys and tokens that say by their beginning whose they are. Each pattern's match is the secret; where its hint is not, it need not be looked for. */
const tokens: readonly (readonly [pattern: RegExp, name: string, hint: RegExp])[] = [
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, 'AWS access keys', /A[KS]IA/],
  [/\bgh[pousr]_[A-Za-z0-9]{36,251}\b|\bgithub_pat_[A-Za-z0-9_]{50,100}\b/g, 'GitHub tokens', /gh[pousr]_|github_pat_/],
  [/\bglpat-[\w-]{20,64}(?![\w-])/g, 'GitLab tokens', /glpat-/],
  [/\bsk-(?:proj-|ant-|svcacct-|or-)?[\w-]{32,220}(?![\w-])/g, 'API keys (sk-…)', /sk-/],
  [/\b[sr]k_live_[A-Za-z0-9]{20,250}\b/g, 'Stripe keys', /k_live_/],
  [/\bxox[abposr]-[A-Za-z0-9-]{20,200}(?![\w-])/g, 'Slack tokens', /xox/],
  [/\bAIza[\w-]{35}(?![\w-])/g, 'Google API keys', /AIza/],
  [/\bnpm_[A-Za-z0-9]{36}\b/g, 'npm tokens', /npm_/],
  [/\bpypi-[\w-]{60,250}(?![\w-])/g, 'PyPI tokens', /pypi-/],
  [/\bhf_[A-Za-z0-9]{34,40}\b/g, 'Hugging Face tokens', /hf_/],
  [/\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])/g, 'SendGrid keys', /SG\./],
  [/\bdop_v1_[a-f0-9]{64}\b/g, 'DigitalOcean tokens', /dop_v1_/],
  [/\b\d{8,10}:AA[\w-]{33}(?![\w-])/g, 'Telegram bot tokens', /:AA/],
  [/\b[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,38}(?![\w-])/g, 'Discord bot tokens', /[MNO][\w-]{23}/],
  [/\bey[JK][\w-]{10,2000}\.ey[JK][\w-]{10,4000}\.[\w-]{20,1000}(?![\w-])/g, 'signed tokens (JWT)', /ey[JK]/],
  [
    /(?<=\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqps?|https?|ftp):\/\/[^\s:@/]{1,64}:)[^\s:@/]{8,128}(?=@(?!localhost|127\.|0\.0\.0\.0|\[::1\]|example\.|host\b|db\b|postgres\b)[\w.-]+)/g,
    'passwords in addresses',
    /:\/\/[^\s:@/]{1,64}:[^\s@]{8,128}@/,
  ],
  [
    /(?<=\b(?:api[_-]?key|secret[_-]?(?:key|access[_-]?key)?|access[_-]?token|auth[_-]?token|client[_-]?secret|passw(?:or)?d)["']?\s{0,3}[:=]\s{0,3}["']?)[A-Za-z0-9+/_=-]{20,128}(?=["'\s,;]|$)/gi,
    'keys and passwords',
    /(?:key|token|secret|passw(?:or)?d)["']?\s{0,3}[:=]/i,
  ],
];

/** Of anvil's and Hardhat's well-known mnemonic: everybody's keys. */
const developmentKeys =
  /^(?:ac0974be|59c6995e|5de4111a|7c852118|47e179ec|8b3a350c|92db14e4|4bbbf85c|dbda1821|2a871d07)/i;
const developmentMnemonics =
  /^(?:(?:test ){11}junk|(?:abandon ){11,23}(?:about|art|agent)|(?:zoo ){11}wrong|legal winner thank year wave sausage worth useful legal winner thank yellow|letter advice cage absurd amount doctor acoustic avoid letter advice cage above|(?:all ){12})/;

/** Keys that a provider's own documentation shows everywhere. */
const documented = /AKIAIOSFODNN7EXAMPLE|wJalrXUtnFEMI\/K7MDENG\/bPxRfiCYEXAMPLEKEY/;
const placeholders =
  /example|sample|placeholder|your|x{4,}|\.{3,}|changeme|dummy|fake|redacted|<|0123456789|abcdefgh|12345678|deadbeef/gi;

/**
 * A placeholder is written with few different characters, in order, or says what it is. A word alone does not excuse a
 * secret that has enough left beside it to be one.
 */
function isPlaceholder(secret: string): boolean {
  if (documented.test(secret)) return true;
  const bare = secret.replace(/^[a-z]{2,6}[_-](?:[a-z]{2,5}\d?[_-])*/i, '');
  const rest = bare.replace(placeholders, '');
  if (rest !== bare) {
    return rest.length < 16 || !/\d/.test(rest) || entropyOf(rest) < 3.2;
  }
  return entropyOf(bare) < (bare.length >= 32 ? 3 : 2.6);
}

/** Shannon entropy in bits for each character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** How many checksums of phrases may still be computed: each costs a hash, and a text can be made of nothing but such words. */
export type Budget = { checksums: number };
export const newBudget = (): Budget => ({ checksums: 20_000 });

/** The secrets in a piece of text. */
export function secrets(text: string, budget: Budget): readonly Leak[] {
  const leak = (name: string, secret: string): Leak => ({ kind: 'secret', name, masked: mask(secret), grave: true });
  const found: Leak[] = [];
  for (const [pattern, name, hint] of tokens) {
    if (!hint.test(text)) continue;
    for (const [secret] of text.matchAll(pattern)) {
      // A name in code stands for a value that is elsewhere: config.apiKey, process.env.SECRET, MY_SECRET_KEY.
      const isName =
        name === 'keys and passwords' &&
        (!/\d/.test(secret) ||
          !/[A-Za-z]/.test(secret) ||
          entropyOf(secret) < 3.5 ||
          /^[a-z]+(?:[_-][a-z]+)+$/i.test(secret));
      if (!isPlaceholder(secret) && !isName) found.push(leak(name, secret));
    }
  }
  for (const [, body] of text.matchAll(
    /-----BEGIN (?:RSA |EC |OPENSSH |DSA |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----([A-Za-z0-9+/=\s\\n:,-]{0,4000})/g,
  )) {
    if (body!.replace(/[^A-Za-z0-9+/]/g, '').length >= 60 && !isPlaceholder(body!.replace(/\s|\\n/g, '')))
      found.push({ ...leak('private keys (PEM)', body!), masked: '-----BEGIN … PRIVATE KEY-----' });
  }
  for (const [, key] of text.matchAll(
    /(?:private[ _-]?key|privkey|secret[ _-]?key|signing[ _-]?key|clave privada|privater? schlüssel|clé privée|私钥|_PK\b)[^\n]{0,40}?(?:0x|\b)([0-9a-f]{64})\b/gi,
  )) {
    if (!developmentKeys.test(key!) && entropyOf(key!) > 3) found.push(leak('private keys (32 bytes)', key!));
  }
  return [...found, ...mnemonics(text, budget)];
}

const english = wordlists.en!;
const words = new Set(Array.from({ length: 2048 }, (_, i) => english.getWord(i)));

/** BIP-39: 12 to 24 words of the list with a right checksum. Words of the list alone do not make one: prose has others between. */
function mnemonics(text: string, budget: Budget): readonly Leak[] {
  const found: Leak[] = [];
  let run: string[] = [];
  const isPhrase = (phrase: readonly string[]) => {
    if (new Set(phrase).size <= 6 || budget.checksums <= 0) return false;
    budget.checksums -= 1;
    return Mnemonic.isValidMnemonic(phrase.join(' '), english);
  };
  const close = () => {
    for (let i = 0; i + 12 <= run.length && found.length < 5; i++) {
      const length = [24, 21, 18, 15, 12].find((count) => i + count <= run.length && isPhrase(run.slice(i, i + count)));
      if (length === undefined) continue;
      const phrase = run.slice(i, i + length);
      if (!developmentMnemonics.test(phrase.join(' '))) {
        found.push({
          kind: 'secret',
          name: 'recovery phrases of wallets',
          masked: `${length} words beginning with “${phrase[0]}”`,
          grave: true,
        });
      }
      i += length - 1;
    }
    run = [];
  };
  if (text.length < 40) return found;
  // Numbers and commas between the words are how wallets show them.
  for (const [token] of text.matchAll(/[\p{L}'’]+|[^\p{L}'’\s\d.,:;)|"“”[\]-]+/gu)) {
    const word = token.toLowerCase();
    if (words.has(word) && run.length < 60) run.push(word);
    else close();
  }
  close();
  return found;
}
