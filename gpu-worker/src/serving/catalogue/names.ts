import type { Catalogue, ServedModel } from '../served.ts';

/** Finds models by each of their names; those without a version mean the newest. */
export const createNames = (models: readonly ServedModel[]): Catalogue => {
  const byName = new Map<string, ServedModel>();
  for (const model of [...models].sort((a, b) => a.version - b.version)) {
    const { name, modelId, version } = model;
    const plain = name.slice(0, name.lastIndexOf('@'));
    for (const key of [name, plain, `${modelId}@${version}`, `${modelId}`]) byName.set(key, model);
  }
  return { find: (name) => byName.get(name), all: () => models };
};
