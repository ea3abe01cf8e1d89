import { record } from '../activity.ts';
import { on } from '../occurrence.ts';
import { approve, transferToken } from '../tokens.ts';

on('Open:Transfer', async (e) => {
  await transferToken(e, 'OPEN', e.args.from, e.args.to, e.args.value);
  return record(e);
});

on('Open:Approval', async (e) => {
  await approve(e, e.args.owner, e.args.spender, e.args.value);
  return record(e);
});

on('Open:EIP712DomainChanged', (e) => record(e));
