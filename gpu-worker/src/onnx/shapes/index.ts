export { inferShapes, knowledgeOf } from './infer.ts';
export { broadcast, contentsOf, isFloat, isStatic, type Known, tensorOf } from './known.ts';
export { createReader, fromStart, type Reader } from './reader.ts';
export { specialise } from './specialise.ts';
