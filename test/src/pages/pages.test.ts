import { afterAll, beforeAll, describe } from 'vitest';
import { chromiumPath, howToInstall } from './chromium.ts';
import { claimPage } from './claim.ts';
import { type Earned, earn } from './earned.ts';
import { linkPage } from './link.ts';
import { looks } from './looks.ts';
import { payPage } from './pay.ts';
import { openPlace, type Place, patienceMs } from './place.ts';

const how = chromiumPath === undefined ? ` (skipped: ${howToInstall})` : '';

/** Pages that bots send people to, in a real browser, on the real API, chain and relayer. */
describe.skipIf(chromiumPath === undefined)(`pages of the bots${how}`, { timeout: 2 * patienceMs }, () => {
  let place: Place;
  beforeAll(async () => {
    place = await openPlace();
  }, 3 * patienceMs);
  afterAll(async () => {
    await place?.close();
  }, patienceMs);

  describe('the page that links a wallet', () => linkPage(() => place));

  describe('once an epoch has paid', () => {
    let earned: Earned;
    beforeAll(async () => {
      earned = await earn(place.stage);
    }, 3 * patienceMs);
    const rich = () => ({ ...place, ...earned });

    describe('the page where rewards are claimed', () => claimPage(rich));
    describe('the page where answers are paid for', () => payPage(rich));
    describe('what can be seen and heard of', () => looks(rich));
  });
});
