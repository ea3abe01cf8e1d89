/** `npm run -s -w gpu-worker show -- model.onnx`: what a model is made of, for a person; the exit code is 1 when it is none. */
import { checkModel, foldConstants, OnnxError, printModel, readModelFile } from '../src/onnx/index.ts';

const [path, ...rest] = process.argv.slice(2);
if (path === undefined || rest.length > 0) {
  process.stderr.write('show: npm run -s -w gpu-worker show -- <model.onnx>\n');
  process.exit(1);
}
try {
  // Exporters write a node for every number; a person wants to see the numbers where they are used.
  const model = checkModel(await readModelFile(path));
  process.stdout.write(printModel({ ...model, graph: foldConstants(model.graph) }));
} catch (error) {
  if (!(error instanceof OnnxError)) throw error;
  process.stderr.write(`show: ${error.message}\n`);
  process.exitCode = 1;
}
