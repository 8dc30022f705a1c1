import { type Command, WrongUse } from './command.ts';
import { connectionCommands } from './connections.ts';
import { findCommands } from './find.ts';
import { gatewayCommands } from './gateways.ts';
import { noticeCommands } from './notices.ts';
import { queueCommands } from './queues.ts';
import { refundCommands } from './refunds.ts';
import { restoreCommands } from './restore.ts';

/** The only command that may read the tables: what that needs is loaded for it alone. */
const audit: Command = {
  name: 'audit',
  help: [['verify', 'prove every chain of the journal, stack running or stopped']],
  takes: [],
  run: async ({ words }, out) => {
    if (words.length !== 1 || words[0] !== 'verify') throw new WrongUse('audit takes one word: verify');
    const { auditVerify } = await import('./audit.ts');
    return (await auditVerify(process.env, out)) ? 0 : 1;
  },
};

/** Every command, as the help lists them. */
export const commands: readonly Command[] = [
  ...refundCommands,
  ...findCommands,
  ...noticeCommands,
  ...gatewayCommands,
  ...queueCommands,
  ...connectionCommands,
  ...restoreCommands,
  audit,
];
