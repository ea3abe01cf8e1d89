import { OnnxError } from './errors.ts';
import type { Model } from './model.ts';

/**
 * 3 was the first that was released; 13 is the newest that onnxruntime 1.30 runs. Operator set 22 came with 10, and what later
 * ones add is refused by name (types below one byte) or of no meaning on one machine (device configurations).
 */
const irVersions = { min: 3, max: 13 };

/** Before 7 broadcasting was another one; after 22 ops changed that the rules of gradients are written for. */
const opsetVersions = { min: 7, max: 22 };

/** @throws OnnxError for versions that are not read here. */
export const checkVersions = ({ irVersion, opsets }: Pick<Model, 'irVersion' | 'opsets'>): void => {
  if (irVersion < irVersions.min || irVersion > irVersions.max) {
    throw new OnnxError(`model: IR version ${irVersion} is not read here; ${irVersions.min} to ${irVersions.max} are`);
  }
  const opset = opsets.get('');
  if (opset === undefined) throw new OnnxError('model: it imports no version of the standard operator set');
  if (opset < opsetVersions.min || opset > opsetVersions.max) {
    const right = `export it with ${opsetVersions.min} to ${opsetVersions.max}`;
    throw new OnnxError(`model: version ${opset} of the standard operator set is not read here; ${right}`);
  }
};
