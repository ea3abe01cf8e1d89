/**
 * Asks the API that served this page.
 *
 * @param {string} query
 * @param {object} variables
 * @param {string} [token] of a session
 */
export const ask = async (query, variables, token) => {
  const response = await fetch('/graphql', {
    method: 'POST',
    credentials: 'omit',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
};
