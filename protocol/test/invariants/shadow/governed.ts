import { id } from 'ethers';
import type { Hex, Target } from '../call.ts';
import { type Handlers, put, refuse, type Shadow, zeroHash } from './state.ts';

const guardianRole = id('GUARDIAN_ROLE');

/** Whether an account holds a role that the deployment gave to people or to governance; contracts' own roles are theirs alone. */
function holds(s: Shadow, contract: Target, role: string, account: Hex): boolean {
  const { timelock, guardian, rootProposer, evaluator, addresses } = s.setting;
  if (role === zeroHash) return account === timelock;
  if (role === guardianRole) return account === guardian;
  if (role === id('PROPOSER_ROLE')) return contract === 'RewardDistributor' && account === rootProposer;
  if (role === id('EVALUATOR_ROLE')) return contract === 'ModelRegistry' && account === evaluator;
  if (role === id('ARBITER_ROLE')) return contract === 'DisputeResolver' && account === timelock;
  return Object.values(addresses).includes(account);
}

/** Refuses whoever is not governance's timelock. */
export function onlyTimelock(s: Shadow, from: Hex): void {
  if (from !== s.setting.timelock) refuse(0, `${from} is not the timelock`);
}

/** What every contract of the protocol inherits: roles and pause. */
export function governedHandlers(contract: Target): Handlers {
  return {
    pause(s, from) {
      if (!holds(s, contract, guardianRole, from)) refuse(0, `${from} is not the guardian`);
      if (s.paused.get(contract)) refuse(0, `${contract} is already paused`);
      put(s, s.paused, contract, true);
    },
    unpause(s, from) {
      if (from !== s.setting.timelock && !holds(s, contract, guardianRole, from)) refuse(0, `${from} cannot resume`);
      if (!s.paused.get(contract)) refuse(0, `${contract} is not paused`);
      put(s, s.paused, contract, false);
    },
    grantRole(s, from, args) {
      onlyTimelock(s, from);
      const [role, account] = args as [Hex, Hex];
      if (!holds(s, contract, role, account)) throw new Error('The fuzz never lets governance grant further roles.');
    },
    revokeRole(s, from) {
      onlyTimelock(s, from);
      throw new Error('The fuzz never lets governance take roles away.');
    },
    renounceRole(s, from, args) {
      const [role, account] = args as [Hex, Hex];
      if (account !== from) refuse(0, 'a role can only be given up by its holder');
      if (holds(s, contract, role, account)) throw new Error('The fuzz never lets a holder give up its role.');
    },
  };
}

/** What the contracts inherit that have numbers for governance to set. */
export function parameterHandlers(contract: Target): Handlers {
  return {
    setParameter(s, from, args) {
      onlyTimelock(s, from);
      const [hash, value] = args as [Hex, bigint];
      for (const [name, [, least, most]] of s.setting.parameters) {
        if (!name.startsWith(`${contract}.`) || id(name.slice(contract.length + 1)) !== hash) continue;
        if (value < least || value > most) refuse(0, `${name} cannot be ${value}`);
        put(s, s.parameters, name, value);
        return;
      }
      refuse(0, `${contract} has no parameter ${hash}`);
    },
  };
}

/** A function that only another contract of the protocol may call: never from outside. */
export function internalOnly(invariant: 0 | 1 | 2 | 3 | 4 | 5 | 6): Handlers[string] {
  return (_, from) => refuse(invariant, `${from} holds no role for this`);
}
