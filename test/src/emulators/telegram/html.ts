/** What `parse_mode` HTML takes. @throws Error with Telegram's own words */
export const readHtml = (html: string): { readonly text: string; readonly links: readonly string[] } => {
  const open: string[] = [];
  const links: string[] = [];
  let text = '';
  let rest = html;
  while (rest !== '') {
    const tag = /^<(\/?)([a-z-]+)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>/i.exec(rest);
    if (rest.startsWith('<')) {
      if (tag === null)
        throw new Error(`can't parse entities: Unsupported start tag at byte offset ${html.length - rest.length}`);
      const [whole, slash, name, attributes] = tag as unknown as [string, string, string, string];
      if (!['b', 'i', 'u', 's', 'code', 'pre', 'a', 'blockquote'].includes(name)) {
        throw new Error(`can't parse entities: Unsupported start tag "${name}"`);
      }
      if (slash === '/') {
        if (open.pop() !== name) throw new Error(`can't parse entities: Unmatched end tag "${name}"`);
      } else {
        open.push(name);
        if (name === 'a') links.push(/href="([^"]*)"/.exec(attributes)?.[1]?.replace(/&amp;/g, '&') ?? '');
      }
      rest = rest.slice(whole.length);
      continue;
    }
    const entity = /^&(amp|lt|gt|quot);/.exec(rest);
    if (rest.startsWith('&') && entity !== null) {
      text += { amp: '&', lt: '<', gt: '>', quot: '"' }[entity[1] as 'amp'];
      rest = rest.slice(entity[0].length);
      continue;
    }
    text += rest[0];
    rest = rest.slice(1);
  }
  if (open.length > 0)
    throw new Error(`can't parse entities: Can't find end tag corresponding to start tag "${open.at(-1)}"`);
  return { text, links };
};
