import { expect, test } from 'vitest';
import { pageFor } from './pages.ts';

const somebody = { platform: 'telegram', id: '1', name: 'ann' } as const;
const whoReads = (locale: string | undefined) => ({
  person: { ...somebody, locale },
  pagesUrl: 'https://api.example/open',
});

test('pages speak the language of the chat, and a token stays where no server is told of it', () => {
  const link = 'https://api.example/link#oll_abc';
  expect([
    pageFor(whoReads('de-AT'), 'claim', { account: '0x1' }),
    pageFor(whoReads(undefined), 'pay', { worker: '0x2', least: '3' }),
    pageFor(whoReads('es'), link),
    pageFor(whoReads(undefined), link),
    pageFor(whoReads('x&account=0x3'), 'claim', { account: '0x1' }),
  ]).toEqual([
    'https://api.example/open/claim?account=0x1&lang=de',
    'https://api.example/open/pay?worker=0x2&least=3',
    'https://api.example/link?lang=es#oll_abc',
    link,
    'https://api.example/open/claim?account=0x1&lang=x%26account%3D0x3',
  ]);
});
