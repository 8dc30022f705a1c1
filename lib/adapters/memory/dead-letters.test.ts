import { deadLettersContract } from '../contracts/dead-letters.ts';
import { memoryDeadLetters } from './dead-letters.ts';

deadLettersContract('The memory dead letters', async () => {
  const deadLetters = memoryDeadLetters();
  return { deadLetters, put: async (queue, work) => deadLetters.put(queue, work) };
});
