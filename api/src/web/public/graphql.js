import { Told } from './page.js';
import { texts } from './texts.js';

/**
 * Asks the API that served this page.
 *
 * @param {string} query
 * @param {object} variables
 * @param {string} [token] of a session
 */
export const ask = async (query, variables, token) => {
  const answer = await fetch('/graphql', {
    method: 'POST',
    credentials: 'omit',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  })
    .then((response) => response.json())
    .catch(() => {
      throw new Told(texts.unreachable);
    });
  const { data, errors } = answer;
  if (errors) throw Object.assign(new Told(errors[0].message), { api: errors[0].extensions?.code });
  return data;
};

/** What the chain's clock says: what is signed for the chain is good by that one. @returns {Promise<number>} milliseconds */
export const chainTime = async () => {
  const { _meta } = await ask('{ _meta { timestamp } }', {});
  return Math.max(Date.now(), _meta.timestamp === null ? 0 : Date.parse(_meta.timestamp));
};

/** @param {number} milliseconds */
export const isoOf = (milliseconds) => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
