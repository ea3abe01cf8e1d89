export { type ClusterOptions, clusterRows } from './clusterRows.ts';
