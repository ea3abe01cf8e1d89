import type { Mutator } from './mutators.ts';

/** A kind of file that comes from strangers, and what must hold when it is read. */
export type Format = {
  /** As `--format` has it. */
  readonly name: string;
  /** Real files of this kind, best small: each is made worse in thousands of ways. */
  readonly seeds: () => Promise<readonly Uint8Array[]>;
  /** Reads the file and checks all that a user relies on. @throws what {@link isRefusal} knows, or it is a fault. */
  readonly read: (bytes: Uint8Array) => void;
  /** The one kind of error that tells the user what is wrong with the file. */
  readonly isRefusal: (error: unknown) => boolean;
  /** Changes that know what such a file is made of; the general ones are tried on all formats. */
  readonly mutators: readonly Mutator[];
  /** Bytes of typed arrays that one reading may allocate, by the bytes of its file. */
  readonly mostBytes: (fileBytes: number) => number;
};
