/** Which version of the rules decided: written into every verdict, raised with every change of a rule or a threshold. */
export const rules = 'intake/1';

/** What a submission may be at most. Each bound keeps one kind of hostile file from taking the machine. */
export const bounds = {
  /** Bytes of a body. */
  bytes: 5_000_000,
  /** Characters of text read from a body: a PDF may unpack to more than it is. */
  characters: 6_000_000,
  rows: 100_000,
  /** Characters of one line of JSON Lines, or of one CSV record. */
  record: 100_000,
  /** Columns of a CSV file. */
  columns: 200,
  /** Objects and lists within each other in a line of JSON Lines. */
  depth: 16,
  pages: 500,
  /** Bytes that one stream of a PDF may unpack to. */
  pdfStream: 64 * 1024 * 1024,
  /** Milliseconds that reading and examining may take. */
  time: 30_000,
  /** MiB of heap that reading and examining may take. */
  heap: 768,
} as const;

/** How alike another's text may be, from 0 to 1; measured on the labelled set, whose table is in docs/contributing-data.md. */
export const likeness = {
  /** Estimated Jaccard similarity of whole texts. */
  text: { hold: 0.5, refuse: 0.8 },
  /** Share of the text that stands in rows of one other contribution. */
  rows: { hold: 0.4, refuse: 0.75 },
} as const;
