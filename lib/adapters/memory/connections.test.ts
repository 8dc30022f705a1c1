import { expect, test } from 'vitest';
import { Unavailable } from '../../app/ports/unavailable.ts';
import { instant } from '../../domain/time.ts';
import { connectionsContract, connectionsToHold } from '../contracts/connections.ts';
import { memoryConnections } from './connections.ts';

connectionsContract('The memory connections', async () => memoryConnections(connectionsToHold));

test('F21 A store of secrets out of reach is Unavailable.', async () => {
  const connections = memoryConnections(connectionsToHold, () => true);
  const { name, merchant } = connectionsToHold.connections[0]!;
  await expect(connections.find(name)).rejects.toThrow(Unavailable);
  await expect(connections.verifySecrets(name, instant(0))).rejects.toThrow(Unavailable);
  await expect(connections.indexKey(merchant)).rejects.toThrow(Unavailable);
  await expect(connections.credential(name)).rejects.toThrow(Unavailable);
});
