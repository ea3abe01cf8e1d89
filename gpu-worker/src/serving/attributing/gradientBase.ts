import { BaseError, readBase, trainingModel } from '../../base/index.ts';
import { type Model, readModelFile, restoreFloat32 } from '../../onnx/index.ts';
import { findOnnxFile } from '../onnx/onnxFile.ts';

/**
 * The base as gradients are computed through it: `input_ids` in, `logits` out, weights in float32. Of a folder of this project its
 * training graph, of any other its exported one.
 *
 * @throws OnnxError, EngineError when there is none.
 */
export const readGradientBase = async (folder: string): Promise<Model> => {
  try {
    const { config, weights } = await readBase(folder);
    return trainingModel(config, weights);
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    return readExported(folder);
  }
};

/** The graph that a base is served by. */
export const readExported = async (folder: string): Promise<Model> => {
  const stored = await readModelFile(await findOnnxFile(folder));
  return { ...stored, graph: restoreFloat32(stored.graph) };
};
