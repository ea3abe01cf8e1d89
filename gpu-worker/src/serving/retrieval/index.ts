export { excerptOf, type Retrieved, withPassages } from './context.ts';
export type { Passage } from './passages.ts';
export { createRetriever, type RetrievalAsked, type Retriever } from './retriever.ts';
