export { type Command, ReceiptsError, readCommand, runCommand, type Subject, subjects } from './command.ts';
export { type Difference, lineOf, type Verdict } from './verdict.ts';
export { createVerifier, type Verifier, type VerifierOptions } from './verifier.ts';
