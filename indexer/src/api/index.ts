import { Hono } from 'hono';

/** Ponder wants an HTTP app; its own /health, /ready, /status and /metrics are all that is served here. */
export default new Hono();
