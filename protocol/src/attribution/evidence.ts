import { z } from 'zod';
import { bytes32, integer, natural } from '../fields.ts';

/**
 * What a receipt's numbers are recomputed from, beside the version's own files: the answer's gradient after whitening, in whole
 * steps, and the passages that were found. It says nothing of the prompt; of the answer, passages that stand in the datanets.
 */
export const evidenceSchema = z.strictObject({
  schema: z.literal('openledger.evidence/1'),
  requestId: bytes32,
  /** Absent where no influence could be computed; then none is paid. */
  influence: z
    .strictObject({
      /** H⁻¹φ(q): int16, little-endian, base64, in steps of 2^exponent. */
      values: z.base64(),
      exponent: z.int().min(-128).max(127),
      /** √(φᵀH⁻¹φ) of the query, as a float64 in hex, most significant byte first: scores are divided by it. */
      norm: z.string().regex(/^0x[0-9a-f]{16}$/),
    })
    .optional(),
  /** Tokens of the answer: what floors are relative to. */
  answerTokens: z.int().min(0),
  spans: z.array(
    z.strictObject({
      /** Places in the answer's tokens, `to` after the last. */
      from: z.int().min(0),
      to: z.int().min(1),
      tokens: z.array(z.int().min(0)).min(1),
      /**
       * How many documents hold it, equal ones counted once, and of these the earliest, which is paid, with others drawn by the
       * receipt's seed, ascending. Of a passage that is too frequent, one more than the most that is paid, and none.
       */
      frequency: z.int().min(1),
      documents: z.array(z.int().min(0)),
    }),
  ),
  /** Passages that the model was given. */
  retrieval: z
    .strictObject({
      method: z.enum(['shapley', 'regression']),
      /** Of a regression, how much of held-out masks it explains, ppm. */
      fit: z.int().optional(),
      passages: z.array(
        z.strictObject({
          contributionId: natural,
          contentHash: bytes32,
          row: z.int().min(0),
          /** Millionths of a nat. */
          value: integer,
        }),
      ),
    })
    .optional(),
});

export type Evidence = z.output<typeof evidenceSchema>;
