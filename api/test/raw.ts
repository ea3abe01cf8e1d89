import { request } from 'node:http';

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The code of the first error; undefined when there is none. */
  readonly code: string | undefined;
};

type Sent = {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Sent chunk by chunk, without a content-length. */
  readonly chunks?: Iterable<string>;
  readonly body?: string;
};

/** Sends what a browser, or fetch, would not let one send. */
export function send(url: string, { method = 'POST', headers = {}, chunks, body }: Sent = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (data) => {
        text += data;
      });
      response.on('end', () => {
        outgoing.destroy();
        resolve({ status: response.statusCode!, headers: response.headers, body: text, code: codeIn(text) });
      });
    });
    outgoing.on('error', reject);
    // A server that has refused reads no further; what it said is read all the same.
    outgoing.on('close', () => reject(new Error('closed without an answer')));
    for (const chunk of chunks ?? []) outgoing.write(chunk);
    outgoing.end(body);
  });
}

function codeIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { errors?: { extensions?: { code?: string } }[] }).errors?.[0]?.extensions?.code;
  } catch {
    return undefined;
  }
}

/** A GraphQL request as JSON. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  return send(`${url}/graphql`, {
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
