import { connect } from 'node:net';
import { ConfigError } from './config.ts';

/** Milliseconds that a server may take to show that it is one. */
const patience = 10_000;
/** Asks whether encryption is spoken, which every Postgres answers with one letter and before any login. */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * Makes sure that a Postgres server listens where DATABASE_URL leads. The driver cannot tell: it connects again and
 * again, for ever, to a server that hangs up before the login.
 * Source: SSLRequest in https://www.postgresql.org/docs/17/protocol-message-formats.html
 *
 * @throws ConfigError within ten seconds, when nothing or something else listens there.
 */
export const checkPostgres = (databaseUrl: string): Promise<void> => {
  const { hostname, port } = new URL(databaseUrl);
  const at = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 5432) };
  const refuse = (what: string) =>
    new ConfigError(
      `DATABASE_URL does not lead to a PostgreSQL server: ${what} at ${at.host}:${at.port}; check the host and port, and ` +
        'that the server runs',
    );
  return new Promise((resolve, reject) => {
    const socket = connect(at);
    let reached = false;
    const end = (error?: ConfigError) => {
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    const fail = (why: string) => end(refuse(reached ? 'something else answers' : `nothing answers (${why})`));
    socket.setTimeout(patience, () => fail(`not within ${patience / 1_000} seconds`));
    socket.once('connect', () => {
      reached = true;
      socket.write(sslRequest);
    });
    socket.once('data', (answer) => (/^[SNE]/.test(answer.toString('latin1')) ? end() : fail('')));
    socket.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.once('close', () => fail(''));
  });
};
