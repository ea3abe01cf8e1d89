import { builder } from '../schema/builder.ts';
import type { EvidenceKind } from './parts.ts';

/** The values of an enum from what each says: the database's words in lower case, GraphQL's in upper case. */
export const enumValues = <const Value extends string>(says: Readonly<Record<Value, string>>) =>
  Object.fromEntries(
    (Object.keys(says) as Value[]).map((value) => [value.toUpperCase(), { value, description: says[value] }]),
  ) as Record<string, { value: Value; description: string }>;

export const EvidenceKindType = builder.enumType('EvidenceKind', {
  description: 'How it shows that an answer drew on a contribution.',
  values: enumValues<EvidenceKind>({
    influence: 'The model would have been less likely to say this had it not learned from the contribution.',
    spans: 'Passages of the answer stand word for word in the contribution.',
    retrieval: 'The model was given a passage of the contribution to answer from.',
  }),
});
