import { Told, write } from './page.js';
import { texts } from './texts.js';
import { send } from './wallets.js';

const patienceMs = 120_000;
const pause = () => new Promise((resolve) => setTimeout(resolve, 700));

/** The fields of a prepared transaction that a page needs. */
export const prepared = 'to data value chainId warning';

/**
 * Has a wallet send a prepared transaction, and waits until it has happened.
 *
 * @param {object} provider
 * @param {string} from
 * @param {object} call as the API prepared it
 * @param {() => Promise<boolean>} hasHappened by the API: all that tells, where a contract wallet sends in its own time
 * @returns {Promise<string>} its hash
 */
export const sendPrepared = async (provider, from, call, hasHappened) => {
  const { to, data } = call;
  const value = `0x${BigInt(call.value).toString(16)}`;
  const hash = await send(provider, { chainId: BigInt(call.chainId), from, to, data, value });
  write('state', texts.onItsWay);
  for (const until = Date.now() + patienceMs; Date.now() < until; await pause()) {
    // Wallets know no receipt of what others sent for them.
    const receipt = await provider
      .request({ method: 'eth_getTransactionReceipt', params: [hash] })
      .catch(() => undefined);
    if (receipt && BigInt(receipt.status) !== 1n) throw new Told(texts.reverted(hash));
    if (await hasHappened()) {
      write('state', '');
      return hash;
    }
  }
  throw new Told(texts.notMined(hash));
};
