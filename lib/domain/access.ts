/** What a person may do. An auditor reads everything and changes nothing; of the others each may what the one before may. */
export const roles = ['viewer', 'auditor', 'operator', 'approver', 'admin'] as const;
export type Role = (typeof roles)[number];

export type Action =
  | 'read'
  | 'audit'
  | 'approve'
  | 'deny'
  | 'switch-sending'
  | 'replay'
  | 'test-connection'
  | 'restore';

const operators: readonly Role[] = ['operator', 'approver', 'admin'];
const approvers: readonly Role[] = ['approver', 'admin'];

const allowed: Readonly<Record<Action, readonly Role[]>> = {
  read: roles,
  audit: ['auditor', 'admin'],
  approve: approvers,
  deny: approvers,
  'switch-sending': operators,
  replay: operators,
  'test-connection': operators,
  restore: ['admin'],
};

/** Whether the role allows the action. */
export const may = (role: Role, action: Action): boolean => allowed[action].includes(role);
