import { record } from '../activity.ts';
import { constantName, governedContracts, tunedContracts } from '../contracts.ts';
import { setParameter, setPaused, setRole } from '../governed.ts';
import { on } from '../occurrence.ts';

// What the contracts under governance have in common: roles, the pause switch, and for most of them numbers.
for (const contract of governedContracts) {
  on(`${contract}:Paused`, async (e) => {
    await setPaused(e, true);
    return record(e);
  });

  on(`${contract}:Unpaused`, async (e) => {
    await setPaused(e, false);
    return record(e);
  });
}

for (const contract of tunedContracts) {
  on(`${contract}:ParameterUpdated`, async (e) => {
    await setParameter(e, e.args.parameter, constantName(e.args.parameter), e.args.newValue);
    return record(e);
  });
}

for (const contract of [...governedContracts, 'TimelockController'] as const) {
  on(`${contract}:RoleGranted`, async (e) => {
    await setRole(e, e.args.role, e.args.account, true);
    return record(e);
  });

  on(`${contract}:RoleRevoked`, async (e) => {
    await setRole(e, e.args.role, e.args.account, false);
    return record(e);
  });

  on(`${contract}:RoleAdminChanged`, (e) => record(e));
}
