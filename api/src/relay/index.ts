export { ActionError, type ActionName, type ActionPayload, actionNames } from './actions.ts';
export { type Enqueued, enqueue, RelayConflictError, type RelayRequest, type RelayRow, relayKey } from './enqueue.ts';
