export { RpcFault } from './fault.ts';
export type { Head } from './head.ts';
export type { Depth, Watched } from './history.ts';
export { createNode, originOf } from './node.ts';
export type { NodeStatus, RpcLog } from './nodes.ts';
export { type Door, type DoorOptions, openDoor } from './transport.ts';
