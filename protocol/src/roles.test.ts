import { id } from 'ethers';
import { expect, test } from 'vitest';
import { parameterName } from './parameters.ts';
import { contributionReasons, reasonText } from './reasons.ts';
import { accessRoleName, stakeRoleName } from './roles.ts';

test('ids on chain are shown by name, and an unknown one is not guessed', () => {
  expect(accessRoleName(id('GUARDIAN_ROLE').toUpperCase().replace('0X', '0x'))).toBe('GUARDIAN_ROLE');
  expect(accessRoleName(`0x${'0'.repeat(64)}`)).toBe('DEFAULT_ADMIN_ROLE');
  expect(stakeRoleName(id('VALIDATOR'))).toBe('VALIDATOR');
  expect(parameterName(id('CHALLENGE_WINDOW'))).toBe('CHALLENGE_WINDOW');
  expect([accessRoleName('0x'), stakeRoleName(id('GUARDIAN_ROLE')), parameterName(id('x'))]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('a reason is shown as text only when it is text', () => {
  expect(reasonText(contributionReasons.DISPUTE_UPHELD)).toBe('DISPUTE_UPHELD');
  expect(reasonText(id('anything'))).toBeUndefined();
  expect(reasonText(`0x${'0'.repeat(64)}`)).toBeUndefined();
  expect(reasonText(`0x1b5b33316d${'0'.repeat(54)}`)).toBeUndefined();
});
