import type { z } from 'zod';
import type * as bodies from './bodies.ts';

type Message = z.output<typeof bodies.message>;
export type ShownButton = {
  readonly label: string;
  readonly customId: string | undefined;
  readonly url: string | undefined;
};

/** What a person reads: signs of markup that are ours or escaped are gone. */
export const textOf = ({ content = '', embeds = [] }: Message): string =>
  [content, ...embeds.flatMap(({ title, description }) => [title, description])]
    .filter(Boolean)
    .join('\n')
    .replace(/(\\.)|\*\*|`/gs, (_, escaped?: string) => escaped?.slice(1) ?? '');

export const buttonsOf = ({ components = [] }: Message): readonly ShownButton[] =>
  components.flatMap((row) => row.components).map(({ label, custom_id: customId, url }) => ({ label, customId, url }));
