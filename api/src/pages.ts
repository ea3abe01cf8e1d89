import type { ApiConfig } from './config.ts';
import type { IndexStatus } from './status.ts';

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The page at `/`: what this is, how fresh it is, where to go on. */
export function landingPage(config: ApiConfig, status: IndexStatus | undefined): string {
  const indexed = status?.own?.indexed;
  const fresh = indexed
    ? `Indexed to block ${indexed.block}${status.lag ? `, ${status.lag.blocks} blocks behind the chain` : ''}.`
    : 'The index is not there yet.';
  const links: [string, string, string][] = [
    ...(config.graphiql
      ? [['/graphql', 'GraphiQL', 'ask questions, with examples to start from'] as [string, string, string]]
      : []),
    ...(config.introspection
      ? [['/schema.graphql', 'Schema', 'every type and field, described'] as [string, string, string]]
      : []),
    ['/health', 'Health', 'this process runs'],
    ['/ready', 'Readiness', 'the index is published and caught up'],
    ['/metrics', 'Metrics', 'for Prometheus'],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>OpenLedger API</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; color: #1b1b1f; }
  a { color: #2f5fd0; } code { background: #f1f1f4; padding: .1em .3em; border-radius: 4px; }
  @media (prefers-color-scheme: dark) { body { background: #16161a; color: #e6e6ea; } a { color: #8fb0ff; } code { background: #26262c; } }
</style>
</head>
<body>
<h1>OpenLedger API</h1>
<p>Who contributed what data to which model, and what it earned: everything the chain says, as GraphQL.</p>
<p>${escapeHtml([fresh, status?.reason, status?.remedy].filter(Boolean).join(' '))}</p>
<ul>
${links.map(([href, title, about]) => `<li><a href="${href}">${title}</a>: ${about}</li>`).join('\n')}
</ul>
<p>From a program: <code>POST /graphql</code> with <code>{"query": "{ _meta { block ready } }"}</code>.</p>
</body>
</html>
`;
}
