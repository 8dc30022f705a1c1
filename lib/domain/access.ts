/** What a person may do, each role including the one before. */
export const roles = ['viewer', 'operator', 'approver', 'admin'] as const;
export type Role = (typeof roles)[number];

export type Action = 'read' | 'approve' | 'deny' | 'switch-sending' | 'replay';

const least: Readonly<Record<Action, Role>> = {
  read: 'viewer',
  approve: 'approver',
  deny: 'approver',
  'switch-sending': 'operator',
  replay: 'operator',
};

/** Whether the role allows the action. */
export const may = (role: Role, action: Action): boolean => roles.indexOf(role) >= roles.indexOf(least[action]);
