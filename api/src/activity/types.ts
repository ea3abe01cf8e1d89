import { address, bigint, bytes32, eventId, int, json, text, time } from '../schema/columns.ts';
import { entity } from '../schema/entity.ts';

entity('activity', {
  name: 'Activity',
  description: 'An event of a contract, as it happened; nothing here is ever changed.',
  columns: {
    id: eventId('Its 75-digit id: time, chain, block, transaction, position; sorts as the chain does.', 'eventId'),
    chainId: bigint('The chain it happened on.'),
    block: bigint('Its block.'),
    timestamp: time('When it happened: the time of its block.'),
    txHash: bytes32('Its transaction.', 'transaction'),
    logIndex: int('Its position in the block’s log.'),
    contract: address('The contract that emitted it.'),
    contractName: text('That contract’s name.'),
    event: text('Its name: ContributionSubmitted, Transfer and so on.'),
    actor: address('Who caused it: the account it names, else the sender of the transaction.', 'actorAddress'),
    subjectType: text('What it is about: datanet, contribution, model and so on.'),
    subjectId: text('The id of what it is about.'),
    datanetId: bigint('The datanet it names, itself or by a contribution of it; null when it names none.'),
    modelId: bigint('The model it names; null when it names none.'),
    args: json('Its arguments by name; integers are decimal strings.'),
  },
  one: {
    actorRow: ['actor', 'Who caused it.'],
    datanetRow: ['datanet', 'The datanet it names.'],
    modelRow: ['model', 'The model it names.'],
  },
});
