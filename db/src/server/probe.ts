import { connect } from 'node:net';
import { codeOf } from './errors.ts';

/** What listens at an address: a Postgres server, something else, or nothing, with the system's code. */
export type Found = { readonly kind: 'postgres' | 'other' } | { readonly kind: 'nothing'; readonly code: string };

/** Asks whether encryption is spoken, which every Postgres answers with one letter and before any login. */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * Finds out what listens at a host and port, within ten seconds. The driver cannot: it connects again and again, for
 * ever, to a server that hangs up before the login.
 * Source: SSLRequest in https://www.postgresql.org/docs/17/protocol-message-formats.html
 */
export function probe(host: string, port: number, patience = 10_000): Promise<Found> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (found: Found) => {
      socket.destroy();
      resolve(found);
    };
    let reached = false;
    const miss = (code: string) => settle(reached ? { kind: 'other' } : { kind: 'nothing', code });
    socket.setTimeout(patience, () => miss('ETIMEDOUT'));
    socket.once('connect', () => {
      reached = true;
      socket.write(sslRequest);
    });
    socket.once('data', (answer) => settle({ kind: /^[SNE]/.test(answer.toString('latin1')) ? 'postgres' : 'other' }));
    socket.once('error', (error) => miss(codeOf(error) ?? error.message));
    socket.once('close', () => miss('ECONNRESET'));
  });
}
