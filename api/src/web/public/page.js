import { language, texts } from './texts.js';

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

/** Shows what comes next, and leads keyboards and screen readers there. @param {string} id */
export const goOnAt = (id) => {
  show(id);
  const start = the(id).querySelector('h2') ?? the(id);
  start.tabIndex = -1;
  start.focus();
};

/** Writes what is in the page, in the reader's language. @param {object} own texts of this page */
export const fill = (own) => {
  document.documentElement.lang = language;
  document.title = `${own.title} · OpenLedger`;
  for (const element of document.querySelectorAll('[data-text]')) {
    const { text } = element.dataset;
    element.textContent = own[text] ?? texts[text];
  }
  the('wallets').setAttribute('aria-label', texts.wallets);
};

/** An error in words that this page has. */
export class Told extends Error {}

let isBusy = false;
const setBusy = (busy) => {
  isBusy = busy;
  document.body.setAttribute('aria-busy', `${busy}`);
  // Not disabled: that would take the focus away from whoever presses with a keyboard.
  for (const button of document.querySelectorAll('button')) button.setAttribute('aria-disabled', `${busy}`);
};

/** Runs one step at a time; what goes wrong is said, and can be tried again. @param {() => Promise<void>} step */
export const attempt = async (step) => {
  if (isBusy) return;
  setBusy(true);
  write('problem', '');
  try {
    await step();
  } catch (error) {
    write('state', '');
    write('problem', whyNot(error));
  } finally {
    setBusy(false);
  }
};

/** Wallets refuse with objects of their own, some inside others. */
const whyNot = (error) => {
  const code = error?.data?.originalError?.code ?? error?.cause?.code ?? error?.code;
  if (code === 4001 || code === 'ACTION_REJECTED') return texts.refused;
  if (code === -32002) return texts.walletBusy;
  return String(error?.message ?? error).slice(0, 400);
};

/** @param {bigint} wei */
export const open = (wei) => {
  const digits = wei.toString().padStart(19, '0');
  const part = digits.slice(-18).replace(/0+$/, '');
  const [, point] = (1.1).toLocaleString(language);
  return `${BigInt(digits.slice(0, -18)).toLocaleString(language)}${part && `${point}${part}`} OPEN`;
};
