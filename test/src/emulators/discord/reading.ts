import { ButtonStyle, ComponentType } from 'discord-api-types/v10';
import type { z } from 'zod';
import { componentsOf, type message } from './bodies.ts';

type Message = z.output<typeof message>;
export type ShownButton = {
  readonly label: string;
  readonly customId: string | undefined;
  readonly url: string | undefined;
};

/** What a person reads: signs of markup that are ours or escaped are gone. */
export const textOf = ({ content = '', components = [] }: Message): string =>
  [content, ...componentsOf(components).map((each) => ('content' in each ? each.content : ''))]
    .filter(Boolean)
    .join('\n')
    .replace(/(\\.)|\*\*|`|^## /gms, (_, escaped?: string) => escaped?.slice(1) ?? '');

export const buttonsOf = ({ components = [] }: Message): readonly ShownButton[] =>
  componentsOf(components).flatMap((each): readonly ShownButton[] => {
    if (each.type !== ComponentType.Button) return [];
    return each.style === ButtonStyle.Link
      ? [{ label: each.label, customId: undefined, url: each.url }]
      : [{ label: each.label, customId: each.custom_id, url: undefined }];
  });

/** Files that a message shows within itself: each has to be among those that came with it. */
export const namedFiles = ({ components = [] }: Message): readonly string[] =>
  componentsOf(components).flatMap((each) => {
    if (each.type === ComponentType.File) return [each.file.url];
    return each.type === ComponentType.MediaGallery ? each.items.map(({ media }) => media.url) : [];
  });
