/** The longest part of a model's name that is part of what clients call it. */
const MAX_SLUG = 60;

/**
 * What a model is called in requests. The id makes it unique and keeps it from meaning another model, whatever names people
 * give theirs.
 *
 * @example modelName('TypeScript Tutor!', 1n) // 'typescript-tutor-1'
 */
export const modelName = (name: string, id: bigint): string => {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG)
    .replace(/^-+|-+$/g, '');
  return `${slug || 'model'}-${id}`;
};
