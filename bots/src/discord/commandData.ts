import type { Command, Field } from '../core/command.ts';
import { locales, type Texts, textsFor } from '../core/texts/index.ts';

/** Discord's names of our languages. */
const discordLocales: Readonly<Record<string, readonly string[]>> = { de: ['de'], es: ['es-ES', 'es-419'] };

/** Text that a person types or picks; attachments. */
const optionTypes = { string: 3, attachment: 11 } as const;
const mostOptionLength = 6_000;

const localised = (pick: (texts: Texts) => string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    locales.flatMap((locale) => (discordLocales[locale] ?? []).map((name) => [name, pick(textsFor(locale))])),
  );

const aboutOf = (name: string) => (texts: Texts) => {
  const abouts: Readonly<Record<string, { readonly about: string }>> = texts.commands;
  return abouts[name]!.about.slice(0, 100);
};

const optionOf = ({ name, kind, isRequired, choices, most }: Field) => ({
  name,
  description: textsFor('en').fields[kind],
  description_localizations: localised((texts) => texts.fields[kind]),
  type: kind === 'file' ? optionTypes.attachment : optionTypes.string,
  required: isRequired,
  ...(choices && { choices: choices.slice(0, 25).map((value) => ({ name: value, value })) }),
  ...((kind === 'datanet' || kind === 'model') && { autocomplete: true }),
  ...((kind === 'text' || kind === 'long') && { max_length: Math.min(most ?? mostOptionLength, mostOptionLength) }),
});

/** Our commands as Discord registers them; required options come first, since Discord wants them so. */
export const commandData = (commands: readonly Command[]) => [
  ...commands.map(({ name, fields }) => ({
    type: 1,
    name,
    description: aboutOf(name)(textsFor('en')),
    description_localizations: localised(aboutOf(name)),
    options: fields.toSorted((a, b) => Number(b.isRequired) - Number(a.isRequired)).map(optionOf),
  })),
  {
    type: 3,
    name: textsFor('en').discord.contributeThis,
    name_localizations: localised((texts) => texts.discord.contributeThis),
  },
];
