export { createContexts } from './contexts.ts';
export { createLimits } from './limits.ts';
export { createOperator } from './operator.ts';
export { createRecords } from './records.ts';
export { createRoles } from './roles.ts';
export { createSecret } from './secret.ts';
