import type { GivenFile } from '../core/command.ts';
import { fileName, largestFile } from '../core/files.ts';
import type { Attachment } from './interaction.ts';

/** Milliseconds until a file that does not come is given up. */
const patience = 20_000;
const discords = /(?:^|\.)(?:discordapp\.(?:com|net)|discord\.com)$/;

/**
 * A file that somebody gave, at once: its address expires.
 *
 * @param filesFrom where files are fetched from beside Discord's own addresses
 * @returns undefined for one that is larger than what is taken
 * @throws where it is at no address of Discord's, or cannot be had
 */
export const fetchFile = async (
  { filename, size, url, content_type: type }: Attachment,
  filesFrom: string | undefined,
): Promise<GivenFile | undefined> => {
  if (size > largestFile) return undefined;
  if (!isDiscords(url, filesFrom)) throw new TypeError('A file is at no address of Discord’s');
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(patience) });
  if (!response.ok) throw new Error(`Discord gives a file with status ${response.status}`);
  const body = await bodyOf(response);
  return body && { name: fileName(filename), mediaType: type, body };
};

/** Whether an address is one of Discord's, so that nobody makes us fetch from anywhere else. */
const isDiscords = (url: string, filesFrom: string | undefined): boolean => {
  const { protocol, hostname, origin } = new URL(url);
  if (filesFrom !== undefined && origin === new URL(filesFrom).origin) return true;
  return protocol === 'https:' && discords.test(hostname);
};

/** What comes, whatever size was said before. @returns undefined for more than is taken */
const bodyOf = async (response: Response): Promise<Uint8Array | undefined> => {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > largestFile) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
};
