import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

/** What Discord's gateway says and hears, as far as bots here use it. https://discord.com/developers/docs/events/gateway */
const ops = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  resume: 6,
  reconnect: 7,
  invalid: 9,
  hello: 10,
  heard: 11,
} as const;
const closes = {
  unknown: 4_000,
  authentication: 4_004,
  shard: 4_010,
  shardingRequired: 4_011,
  intents: 4_014,
} as const;

type Session = {
  readonly id: string;
  readonly shard: readonly [id: number, count: number];
  readonly events: { readonly s: number; readonly t: string; readonly d: unknown }[];
  socket: WebSocket | undefined;
};
type Said = {
  readonly op: number;
  readonly d: {
    readonly token?: string;
    readonly intents?: number;
    readonly shard?: readonly [number, number];
    readonly session_id?: string;
    readonly seq?: number;
  };
};

export type GatewayOptions = {
  readonly server: Server;
  readonly token: string;
  readonly applicationId: string;
  /** How many shards a bot has to have; it may have more. */
  readonly shards: number;
  readonly url: () => string;
  /** Called for what is told only after a connection is back. */
  readonly onLate: (data: unknown) => void;
};

export type Gateway = {
  /** Tells whoever has the shard of this server; those alone with the bot are shard 0's. */
  readonly tell: (event: string, data: unknown, guildId: string | undefined) => void;
  /** Shards that said who they are, in that order. */
  readonly identified: readonly (readonly [id: number, count: number])[];
  readonly resumed: () => number;
  /** Breaks every connection, as networks do: what happens meanwhile is told when it is resumed. */
  readonly drop: () => void;
  readonly close: () => void;
};

/** The shard that hears of a server. */
export const shardOf = (guildId: string | undefined, count: number): number =>
  guildId === undefined ? 0 : Number((BigInt(guildId) >> 22n) % BigInt(count));

export const startGateway = ({ server, token, applicationId, shards, url, onLate }: GatewayOptions): Gateway => {
  const sessions: Session[] = [];
  const identified: (readonly [number, number])[] = [];
  let resumed = 0;
  let isDropping = false;
  const gateway = new WebSocketServer({ server });

  const dispatch = (session: Session, t: string, d: unknown): void => {
    const event = { s: session.events.length + 1, t, d };
    session.events.push(event);
    session.socket?.send(JSON.stringify({ op: ops.dispatch, ...event }));
  };
  gateway.on('connection', (socket) => {
    if (isDropping) return socket.close(closes.unknown);
    const send = (op: number, d: unknown) => socket.send(JSON.stringify({ op, d }));
    const identify = ({ token: given, intents, shard = [0, 1] }: Said['d']) => {
      if (given !== token) return socket.close(closes.authentication);
      // Nothing here needs to read anybody's messages.
      if (intents !== 0) return socket.close(closes.intents);
      if (shard[0] >= shard[1]) return socket.close(closes.shard);
      if (shard[1] < shards) return socket.close(closes.shardingRequired);
      const session: Session = { id: randomUUID(), shard, events: [], socket };
      sessions.push(session);
      identified.push(shard);
      const user = { id: applicationId, username: 'openledger', discriminator: '0', bot: true };
      const application = { id: applicationId, flags: 0 };
      const own = { v: 10, user, guilds: [], application, shard };
      dispatch(session, 'READY', { ...own, session_id: session.id, resume_gateway_url: url() });
    };
    const resume = ({ token: given, session_id: id, seq = 0 }: Said['d']) => {
      const session = sessions.find((each) => each.id === id);
      if (given !== token) return socket.close(closes.authentication);
      if (session === undefined) return send(ops.invalid, false);
      session.socket = socket;
      resumed++;
      for (const event of session.events.filter(({ s }) => s > seq)) {
        onLate(event.d);
        socket.send(JSON.stringify({ op: ops.dispatch, ...event }));
      }
      dispatch(session, 'RESUMED', {});
    };
    socket.on('message', (raw) => {
      const { op, d } = JSON.parse(String(raw)) as Said;
      if (op === ops.heartbeat) send(ops.heard, null);
      if (op === ops.identify) identify(d);
      if (op === ops.resume) resume(d);
    });
    socket.on('close', () => {
      for (const session of sessions) if (session.socket === socket) session.socket = undefined;
    });
    send(ops.hello, { heartbeat_interval: 30_000 });
  });

  return {
    identified,
    resumed: () => resumed,
    tell: (event, data, guildId) => {
      for (const session of sessions) {
        if (session.shard[0] === shardOf(guildId, session.shard[1])) dispatch(session, event, data);
      }
    },
    drop: () => {
      isDropping = true;
      for (const socket of gateway.clients) socket.close(closes.unknown);
      setTimeout(() => {
        isDropping = false;
      }, 300);
    },
    close: () => {
      for (const socket of gateway.clients) socket.terminate();
      gateway.close();
    },
  };
};
