import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  Locale,
  type LocalizationMap,
  type RESTPutAPIApplicationCommandsJSONBody,
} from 'discord-api-types/v10';
import type { Command, Field } from '../core/command.ts';
import { locales, type Texts, textsFor } from '../core/texts/index.ts';

/** Discord's names of our languages. */
const discordLocales: Readonly<Record<string, readonly Locale[]>> = {
  de: [Locale.German],
  es: [Locale.SpanishES, Locale.SpanishLATAM],
};

const mostOptionLength = 6_000;

/** A text in every language that is not English. */
export const localised = (pick: (texts: Texts) => string): LocalizationMap =>
  Object.fromEntries(
    locales.flatMap((locale) => (discordLocales[locale] ?? []).map((name) => [name, pick(textsFor(locale))])),
  );

const aboutOf = (name: string) => (texts: Texts) => {
  const abouts: Readonly<Record<string, { readonly about: string }>> = texts.commands;
  return abouts[name]!.about.slice(0, 100);
};

const optionOf = ({ name, kind, isRequired, choices, most }: Field) => {
  const own = {
    name,
    description: textsFor('en').fields[kind],
    description_localizations: localised((texts) => texts.fields[kind]),
    required: isRequired,
  };
  if (kind === 'file') return { type: ApplicationCommandOptionType.Attachment as const, ...own };
  const string = { type: ApplicationCommandOptionType.String as const, ...own };
  // Discord takes one of the three.
  if (choices !== undefined)
    return { ...string, choices: choices.slice(0, 25).map((value) => ({ name: value, value })) };
  if (kind === 'datanet' || kind === 'model') return { ...string, autocomplete: true as const };
  if (kind === 'text' || kind === 'long')
    return { ...string, max_length: Math.min(most ?? mostOptionLength, mostOptionLength) };
  return string;
};

/** Our commands as Discord registers them; required options come first, since Discord wants them so. */
export const commandData = (commands: readonly Command[]): RESTPutAPIApplicationCommandsJSONBody => [
  ...commands.map(({ name, fields }) => ({
    type: ApplicationCommandType.ChatInput as const,
    name,
    description: aboutOf(name)(textsFor('en')),
    description_localizations: localised(aboutOf(name)),
    options: fields.toSorted((a, b) => Number(b.isRequired) - Number(a.isRequired)).map(optionOf),
  })),
  {
    type: ApplicationCommandType.Message,
    name: textsFor('en').discord.contributeThis,
    name_localizations: localised((texts) => texts.discord.contributeThis),
  },
];
