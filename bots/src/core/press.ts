/** What a button says when it is pressed: which command's which action, and on what. */
export type Press = {
  readonly command: string;
  readonly action: string;
  /** Short ids; no more than fits, see {@link encodePress}. */
  readonly args: readonly string[];
};

/** Telegram takes 64 bytes, Discord 100 characters. */
const most = 64;
const word = /^[\w.:-]*$/;

export class PressError extends Error {
  override readonly name = 'PressError';
}

/** @throws PressError for what does not fit into a button: keep it in a dialog instead. */
export const encodePress = ({ command, action, args }: Press): string => {
  const parts = [command, action, ...args];
  const encoded = parts.join('|');
  const wrong = parts.find((part) => !word.test(part));
  if (wrong !== undefined)
    throw new PressError(`A button cannot say ${JSON.stringify(wrong)}: letters, digits and .:-_ are taken`);
  if (encoded.length > most)
    throw new PressError(`A button says ${encoded.length} bytes, ${most} are the most: ${encoded}`);
  return encoded;
};

/** Undefined for what no button of ours says: an old one, or somebody's own making. */
export const decodePress = (encoded: string): Press | undefined => {
  const [command, action, ...args] = encoded.split('|');
  const isOurs =
    encoded.length <= most && command && action && [command, action, ...args].every((part) => word.test(part));
  return isOurs ? { command, action, args } : undefined;
};
