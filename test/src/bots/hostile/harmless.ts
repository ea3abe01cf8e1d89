import { componentsOf } from '../../emulators/discord/bodies.ts';
import type { Place } from './place.ts';

/** What a platform makes of words by itself: mentions, links, tags, telephone numbers. */
const made = /@\w|:\/\/|\w\.[a-z]{2,}|[#$][a-z_]|\+\d{5}/i;
/** What turns the reading direction, or is not seen; the joiner that takes words apart is ours. */
const unseen = /[\u202A-\u202E\u2066-\u2069\u200B\u200E\u200F\uFEFF\u2800\u3164\u{E0000}-\u{E007F}]/u;

/** How much has been shown so far. */
export type Mark = { readonly discord: number; readonly telegram: number };
export const markOf = ({ discord, telegram }: Place): Mark => ({
  discord: discord.shown.length,
  telegram: telegram.shown.length,
});

/**
 * What of all that was shown since is more than words, whoever wrote them, and what a platform refused: each in a line.
 *
 * @returns nothing where all is well
 */
export const harmIn = ({ discord, telegram, community }: Place, since: Mark): readonly string[] => {
  const harm: string[] = [];
  const note = (is: boolean, what: string, where: unknown) =>
    void (is && harm.push(`${what}: ${JSON.stringify(where)}`));
  const ours = (url: string) => url.startsWith(community.stage.api.url) || url.startsWith('https://t.me/');
  for (const { body, buttons } of discord.shown.slice(since.discord)) {
    note(JSON.stringify(body.allowed_mentions) !== '{"parse":[]}', 'it may mention', body);
    for (const { url } of buttons) note(url !== undefined && !ours(url), 'a button leads elsewhere', url);
    for (const each of componentsOf(body.components ?? [])) {
      if (!('content' in each)) continue;
      const { content } = each;
      note(unseen.test(content), 'something is not seen', content);
      note(!content.isWellFormed(), 'half a character', content);
      const links = [...content.matchAll(/(?<!\\)\]\((.*?)\)/g)].map(([, url]) => url!);
      for (const url of links) note(!ours(url), 'a link leads elsewhere', url);
      // Without links of ours, what stands in marks of code, and what is escaped: what is left would be markup.
      const bare = content
        .replace(/\\[\s\S]/g, '')
        .replace(/(?<!\\)\]\(.*?\)/g, '')
        .replace(/`[^`]*`/g, '');
      note(/[<~|@_]|:\/\//.test(bare), 'markup', content);
    }
  }
  for (const { text, links, buttons } of telegram.shown.slice(since.telegram)) {
    for (const url of [...links, ...buttons.flatMap(({ url }) => url ?? [])]) {
      note(!ours(url), 'a link leads elsewhere', url);
    }
    note(made.test(text), 'something is made of words', text);
    note(unseen.test(text), 'something is not seen', text);
    note(!text.isWellFormed(), 'half a character', text);
  }
  for (const each of discord.refused) note(true, 'Discord refused', each);
  for (const each of telegram.refused)
    note(each.code !== 429 && !/not modified/.test(each.description), 'Telegram refused', each);
  return harm;
};
