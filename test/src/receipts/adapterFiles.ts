import type { VersionOnChain } from '@openledger/gpu-worker/attribution/version';
import { type Adapter, configFile, hashFiles, parseAdapter, tensorsFile } from '@openledger/gpu-worker/lora';
import type { Hex } from '@openledger/protocol';
import { DocumentError } from './documents.ts';
import type { Findings } from './findings.ts';
import type { Sources } from './sources.ts';

/** The adapter that the chain names, from the content store; undefined where it is kept elsewhere. @throws DocumentError */
export const readAdapterFiles = async (
  { rows, documents }: Sources,
  findings: Findings,
  { modelId, version, adapterHash }: VersionOnChain,
): Promise<Adapter | undefined> => {
  const uri = await rows.adapterUri(modelId, version);
  const name = /^openledger:content\/(0x[0-9a-f]{64})$/.exec(uri ?? '')?.[1] as Hex | undefined;
  if (name === undefined) {
    findings.unchecked(`its adapter, which is at ${uri}`);
    return undefined;
  }
  const { files } = (await documents.loose(name, 'the adapter')) as { files?: Readonly<Record<string, Hex>> };
  const fileOf = (file: string) => documents.bytes(files?.[file] ?? '0x', `${file} of the adapter`);
  const [config, tensors] = await Promise.all([fileOf(configFile), fileOf(tensorsFile)]);
  if (!findings.same('adapterHash', adapterHash, hashFiles({ config, tensors }))) return undefined;
  findings.right('its adapter');
  try {
    return parseAdapter({ config, tensors });
  } catch (error) {
    throw new DocumentError(`The adapter cannot be read: ${(error as Error).message}`);
  }
};
