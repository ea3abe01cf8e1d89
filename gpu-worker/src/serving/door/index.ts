export { createAccess } from './access.ts';
export { ApiError, type ErrorBody, type PaymentNeeded } from './apiError.ts';
export { createDoor, type Door, type DoorOptions } from './door.ts';
export { createFlights, type Flights } from './flights.ts';
export { createLanguage, type Language } from './language.ts';
export { createMetrics, type DoorMetrics } from './metrics.ts';
export { settlingShown } from './payMetrics.ts';
export { createReceipts } from './receipts.ts';
export { createTargets, type Targets } from './targets.ts';
