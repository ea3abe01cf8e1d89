/**
 * Asks one server over and over, on connections that stay open, one question at a time on each. Reads orders from its input, a
 * line of JSON each (`Order`), and answers each with a line (`Outcome`). It writes bytes made beforehand and reads no more of an
 * answer than where it ends and whether it is one, so that little of the machine goes to it.
 */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

export type Order = {
  readonly url: string;
  /** JSON bodies, sent in turn. */
  readonly bodies: readonly string[];
  readonly connections: number;
  readonly seconds: number;
};
export type Outcome = { readonly answers: number; readonly seconds: number; readonly failed: string | null };

const ends = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await load(JSON.parse(line) as Order))}\n`);
}
process.exit(0);

async function load({ url, bodies, connections, seconds }: Order): Promise<Outcome> {
  const { hostname, port, pathname } = new URL(url);
  const requests = bodies.map((body) =>
    Buffer.from(
      `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\naccept: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
  let answers = 0;
  let next = 0;
  let failed: string | null = null;
  const began = performance.now();
  const until = began + seconds * 1000;

  const ask = () =>
    new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname);
      let got: Buffer = Buffer.alloc(0);
      const send = () => {
        if (performance.now() >= until || failed !== null) return void socket.end();
        socket.write(requests[next++ % requests.length]!);
      };
      socket.setNoDelay();
      socket.on('connect', send);
      socket.on('data', (chunk) => {
        got = got.length === 0 ? chunk : Buffer.concat([got, chunk]);
        const body = got.indexOf(ends) + ends.length;
        if (body < ends.length) return;
        const head = got.toString('latin1', 0, body).toLowerCase();
        const length = /content-length: (\d+)/.exec(head)?.[1];
        const whole =
          length === undefined
            ? got.subarray(-lastChunk.length).equals(lastChunk)
            : got.length >= body + Number(length);
        if (!whole) return;
        if (head.startsWith('http/1.1 200') && !got.includes('"errors"', body)) answers += 1;
        else failed = got.toString('utf8', 0, 1_000);
        got = Buffer.alloc(0);
        send();
      });
      socket.on('error', (error) => {
        failed = error.message;
      });
      socket.on('close', () => resolve());
    });
  await Promise.all(Array.from({ length: connections }, ask));
  return { answers, seconds: (performance.now() - began) / 1000, failed };
}
