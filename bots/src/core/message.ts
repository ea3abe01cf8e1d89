import type { Press } from './press.ts';

/**
 * Text as it is shown. A string is plain text whoever wrote it: each platform escapes it, so that nobody's words become
 * markup, links or mentions. Links lead to addresses that we made, never to those in other people's texts.
 */
export type Span =
  | string
  | { readonly bold: string }
  /** What somebody called something, within words of ours: it stays on its line, and no command in it can be touched. */
  | { readonly said: string }
  | { readonly code: string }
  | { readonly link: string; readonly to: string };

export type Block =
  | { readonly kind: 'title'; readonly text: string }
  | { readonly kind: 'text'; readonly spans: readonly Span[] }
  | { readonly kind: 'list'; readonly items: readonly (readonly Span[])[] }
  | { readonly kind: 'fields'; readonly fields: readonly (readonly [name: string, value: readonly Span[]])[] }
  /** What people or models wrote. */
  | { readonly kind: 'quote'; readonly text: string }
  | { readonly kind: 'image'; readonly name: string; readonly png: Uint8Array; readonly alt: string }
  | { readonly kind: 'file'; readonly name: string; readonly mediaType: string; readonly body: Uint8Array };

export type Button =
  | { readonly label: string; readonly press: Press; readonly style?: 'main' | 'danger' }
  | { readonly label: string; readonly url: string };

/** What a command answers, free of any platform. */
export type Message = {
  readonly blocks: readonly Block[];
  /** Rows of them; at most 5 rows of 5. */
  readonly buttons?: readonly (readonly Button[])[];
  /** Only whoever asked sees it, where the platform can do that; elsewhere it goes to a chat alone with them. */
  readonly isPrivate: boolean;
};

export const text = (...spans: readonly Span[]): Block => ({ kind: 'text', spans });
export const title = (words: string): Block => ({ kind: 'title', text: words });
export const list = (items: readonly (readonly Span[])[]): Block => ({ kind: 'list', items });
export const fields = (...pairs: readonly (readonly [string, readonly Span[] | string])[]): Block => ({
  kind: 'fields',
  fields: pairs.map(([name, value]) => [name, typeof value === 'string' ? [value] : value]),
});
export const quote = (words: string): Block => ({ kind: 'quote', text: words });
