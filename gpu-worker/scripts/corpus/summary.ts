import type { CorpusSummary } from '../../src/corpus/index.ts';

/** What was built, as a table for people. */
export const summaryOf = ({ files, sources, sha256 }: CorpusSummary): string => {
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`.padStart(10);
  const parts = Object.entries(files).map(
    ([name, { documents, bytes }]) =>
      `${name.padEnd(34)}${String(documents).padStart(7)} documents${megabytes(bytes)}\n`,
  );
  const licences = new Map<string, { packages: number; bytes: number }>();
  for (const { licence, bytes } of sources) {
    const known = licences.get(licence) ?? { packages: 0, bytes: 0 };
    licences.set(licence, { packages: known.packages + 1, bytes: known.bytes + bytes });
  }
  const byLicence = [...licences]
    .sort(([, a], [, b]) => b.bytes - a.bytes)
    .map(
      ([name, { packages, bytes }]) =>
        `${name.padEnd(34)}${String(packages).padStart(7)} packages ${megabytes(bytes)}\n`,
    );
  return `${parts.join('')}\n${byLicence.join('')}\nsha256 ${sha256}\n`;
};
