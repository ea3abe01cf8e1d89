/** @param {string} id */
export const the = (id) => document.getElementById(id);

/** @param {string} id @param {string} text shown as text, whatever it holds */
export const write = (id, text) => {
  the(id).textContent = text;
};

/** @param {string} id */
export const show = (id) => {
  the(id).hidden = false;
};

/** @param {string} id */
export const hide = (id) => {
  the(id).hidden = true;
};

/** Runs one step at a time; what goes wrong is said, and can be tried again. @param {() => Promise<void>} step */
export const attempt = async (step) => {
  const buttons = [...document.querySelectorAll('button')];
  for (const button of buttons) button.disabled = true;
  write('problem', '');
  try {
    await step();
  } catch (error) {
    // Wallets refuse with objects of their own.
    const refused = error?.code === 4001 || error?.code === 'ACTION_REJECTED';
    write('problem', refused ? 'You refused it in the wallet. Nothing was changed.' : String(error?.message ?? error));
  } finally {
    for (const button of buttons) button.disabled = false;
  }
};

/** @param {bigint} wei */
export const open = (wei) => {
  const digits = wei.toString().padStart(19, '0');
  const part = digits.slice(-18).replace(/0+$/, '');
  return `${BigInt(digits.slice(0, -18)).toLocaleString('en')}${part && `.${part}`} OPEN`;
};
