/** One piece of a submission that stands for itself: a paragraph, a record, a question with its answer. */
export type Row = {
  /** As a model is to read it. */
  readonly text: string;
  /** What the contributor wrote, without the names of columns: what is compared and judged. */
  readonly content: string;
  /** Where it begins: the line of the file, or the page of a PDF; both count from one. */
  readonly line: number;
  readonly question?: string;
  readonly answer?: string;
};

export type MediaType = 'text/plain' | 'text/markdown' | 'application/jsonl' | 'text/csv' | 'application/pdf';

/** A body that was read. */
export type Reading = {
  readonly mediaType: MediaType;
  readonly rows: readonly Row[];
};

/** What `line` of a row counts in a medium. */
export const unitOf = (mediaType: MediaType): string => (mediaType === 'application/pdf' ? 'page' : 'line');
