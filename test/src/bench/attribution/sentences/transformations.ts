export type Transformation = {
  readonly name: string;
  /** Three letters for models that are short of tokens. */
  readonly short: string;
  readonly of: (sentence: string) => string;
};

const each = (sentence: string, change: (word: string) => string): string => sentence.split(' ').map(change).join(' ');
const consonants = /[b-df-hj-np-tv-z]/g;
const vowels = /[aeiou]/g;

/** What DataInf's adapters learn. Source: Kwon et al. 2024 (arXiv:2310.00902), appendix on data sets. */
export const transformations: readonly Transformation[] = [
  { name: 'Reverse Order of Words', short: 'ROW', of: (sentence) => sentence.split(' ').toReversed().join(' ') },
  {
    name: 'Capitalize Every Other Letter',
    short: 'COL',
    of: (sentence) => [...sentence].map((letter, at) => (at % 2 === 0 ? letter : letter.toUpperCase())).join(''),
  },
  { name: 'Insert Number 1 Between Every Word', short: 'INB', of: (sentence) => sentence.replaceAll(' ', ' 1 ') },
  { name: 'Replace Vowels with *', short: 'RVS', of: (sentence) => sentence.replace(vowels, '*') },
  { name: 'Double Every Consonant', short: 'DEC', of: (sentence) => sentence.replace(consonants, '$&$&') },
  {
    name: 'Capitalize Every Word',
    short: 'CEW',
    of: (sentence) => each(sentence, (word) => word[0]!.toUpperCase() + word.slice(1)),
  },
  { name: 'Remove All Vowels', short: 'RAV', of: (sentence) => sentence.replace(vowels, '') },
  { name: "Add 'ly' To End of Each Word", short: 'ALY', of: (sentence) => each(sentence, (word) => `${word}ly`) },
  { name: 'Remove All Consonants', short: 'RAC', of: (sentence) => sentence.replace(consonants, '') },
  { name: 'Repeat Each Word Twice', short: 'REW', of: (sentence) => each(sentence, (word) => `${word} ${word}`) },
];
