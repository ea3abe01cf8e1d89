export { checkLiteral, isPublicAddress, literalOf, publicLookup, TargetError } from './publicAddress.ts';
