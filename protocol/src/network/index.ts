export {
  type AddressGuard,
  createGuard,
  isPublicAddress,
  literalOf,
  publicOnly,
  TargetError,
} from './publicAddress.ts';
