/**
 * Half bits, in base 36, that each letter says after each other (27 × 27; the first of each is the edge of a word): from the
 * documents of installed packages, a third of them, and their translations to Spanish, French, Polish and Portuguese.
 */
const table =
  'z798899cd8deaaa88f986abaleg6ib98qgbkbgd696gao676ccgibi96kgk5nqp58j6ip8ku8cf7uuu7u96lcj6qt68fa9lw4lw9e69wnwfe' +
  '38kga4jbn7nlchf7jtbahaknsgf3af98cceiegiaa7kcf679gdfafg57ujr8auu5uocoi5ru8gc6ruucu3apki4lcb9upaga9ju7ae8ppujl' +
  '65nih2mvs6vpkhl8lbbgdeppvev9bc9a9abmmjg8a46bha77jbngye86qqf3qqqcqqqfa8qqq4q9nfnqq57odh4him6modka8erk77ckhrjf' +
  '57hga5glh6wl7lg7fwhaa9fiw9w65bmi4vls7pqjah77qldjaivvjv48l878d7k9ledje8dnj76depydk6gbb9g9dlfefa85d9y59a8caihg' +
  '96qlf5pga9wo7bq6aw6d8alowfwdkoooooooooo4oooooooo1ooooo56gdb4edn8recca7iya99cgiybf3ao9i6hqc8yeegh8aii96anidfg' +
  '48mei6kj56slgkk7hy8acaihy9y8abbc7ect9ik786h9w567kirgkec4tto2ttl6tttlt7ttn7titpjpt66mif6ii64mpim98mtb9nklltat' +
  '45laj8mrn8rlkmkh5rgg4mrmncr2becfcgeudjgebc75ui9bimfuui55mff3qfq8qkcqabfqddkcqcq6c';

/**
 * How unlikely a word is as a word of a language in Latin letters, in bits for each letter: about 4 for words, above 6 for keys
 * struck at random. Undefined for words with other letters or digits, and short ones.
 */
export function surprise(word: string): number | undefined {
  const folded = fold(word);
  if (folded.length < 4 || !/^[a-z]+$/.test(folded)) return undefined;
  let [bits, before] = [0, 0];
  for (let i = 0; i <= folded.length; i++) {
    const letter = i === folded.length ? 0 : folded.charCodeAt(i) - 96;
    bits += Number.parseInt(table[before * 27 + letter]!, 36) / 2;
    before = letter;
  }
  return bits / (folded.length + 1);
}

/** Without accents. */
function fold(word: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  if (/^[\x00-\x7f]*$/.test(word)) return word;
  return word
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/ß/g, 'ss')
    .replace(/æ/g, 'ae')
    .replace(/ø/g, 'o')
    .replace(/ł/g, 'l')
    .replace(/ı/g, 'i');
}
