import type { Logger } from 'pino';
import type { WorkerConfig } from './config.ts';
import type { Engine } from './engine.ts';
import { type ModelFolder, openOnnxEngine, readModelFolder } from './onnx/index.ts';
import { StartError } from './startError.ts';
import { openVllmEngine } from './vllm/index.ts';

/** Reads what stands beside the base. @throws StartError when it cannot be served. */
export const readBase = async ({ base }: WorkerConfig): Promise<ModelFolder> => {
  try {
    return await readModelFolder(base.folder);
  } catch (error) {
    throw cannotServe(base.folder, error);
  }
};

/** Opens the engine that the settings name. @throws StartError when the base cannot be served. */
export const openEngine = async ({ base, engine }: WorkerConfig, log: Logger): Promise<Engine> => {
  const { folder } = base;
  const { rows, queue, maxRank, threads, providers, vllmUrl, vllmApiKey } = engine;
  const sizes = { folder, rows, queue, maxRank };
  try {
    if (engine.kind === 'onnx') {
      return await openOnnxEngine({ ...sizes, threads, providers, onLine: (line) => log.info(line) });
    }
    const key = vllmApiKey === undefined ? {} : { apiKey: vllmApiKey };
    return await openVllmEngine({ ...sizes, url: vllmUrl!, ...key });
  } catch (error) {
    throw cannotServe(engine.kind === 'onnx' ? folder : vllmUrl!, error);
  }
};

const cannotServe = (where: string, error: unknown): StartError =>
  new StartError(`The base at ${where} cannot be served: ${error instanceof Error ? error.message : error}`);
