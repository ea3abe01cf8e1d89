import { configFile, tensorsFile } from '../../lora/index.ts';

/** The two files of an adapter. */
export const adapterFileNames = [configFile, tensorsFile] as const;
export type AdapterFileName = (typeof adapterFileNames)[number];

/** A file that is being fetched. */
export type Incoming = {
  /** Bytes, where whoever sends it says so beforehand; what comes may differ. */
  readonly size: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of it, read to its end or not. */
  readonly close: () => void;
};

/** Where an adapter's two files are. */
export type Source = {
  /** @throws SourceError when it is not there, or may not be fetched. */
  readonly open: (name: AdapterFileName, options: { limit: number; signal: AbortSignal }) => Promise<Incoming>;
};

/** An adapter's files that are not where its URI says, or are not what they should be. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}
