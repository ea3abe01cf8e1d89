import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EngineError } from '../engine.ts';

const places = ['model.onnx', 'onnx/model.onnx', 'decoder_model.onnx', 'onnx/decoder_model.onnx'];

/** The folder of a model that is named by it, or by one ONNX file in it or in its `onnx/`. */
export const folderOf = async (path: string): Promise<string> => {
  if (!path.endsWith('.onnx')) return path;
  const beside = dirname(path);
  const isBeside = basename(beside) !== 'onnx' || (await isFile(join(beside, 'config.json')));
  return isBeside ? beside : dirname(beside);
};

/**
 * The ONNX file of a model: `model.onnx` or `onnx/model.onnx` of a folder, or the only one that is there.
 *
 * @param path as `readModelFolder` takes it; a file is itself.
 * @throws EngineError when there is none, or one cannot be told from others.
 */
export const findOnnxFile = async (path: string): Promise<string> => {
  if (path.endsWith('.onnx')) {
    if (!(await isFile(path))) throw new EngineError(`There is no file ${path}`);
    return path;
  }
  for (const place of places) {
    if (await isFile(join(path, place))) return join(path, place);
  }
  const found = await onnxFilesOf(path);
  if (found.length === 1) return found[0]!;
  const has = found.length === 0 ? 'no ONNX file' : `several ONNX files (${found.slice(0, 8).join(', ')}): name one`;
  throw new EngineError(`${path} has neither model.onnx nor onnx/model.onnx, and ${has}`);
};

const onnxFilesOf = async (folder: string): Promise<readonly string[]> => {
  const lists = [folder, join(folder, 'onnx')].map(async (place) => {
    const names = await readdir(place).catch(() => []);
    return names.filter((name) => name.endsWith('.onnx')).map((name) => join(place, name));
  });
  return (await Promise.all(lists)).flat();
};

const isFile = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isFile() ?? false;
