export { openVllmEngine, type VllmOptions } from './vllmEngine.ts';
