import type { Context } from './context.ts';

/**
 * The address of a page of the API for somebody, which then speaks the language that their app does.
 *
 * @param page the name of one below `pagesUrl`, or a whole address
 */
export const pageFor = (
  { pagesUrl, person }: Pick<Context, 'pagesUrl' | 'person'>,
  page: string,
  query: Readonly<Record<string, string>> = {},
): string => {
  const url = new URL(/^https?:/.test(page) ? page : `${pagesUrl}/${page}`);
  const [language = ''] = person.locale?.split('-') ?? [];
  for (const [name, value] of Object.entries({ ...query, ...(language && { lang: language }) })) {
    url.searchParams.set(name, value);
  }
  return url.href;
};
