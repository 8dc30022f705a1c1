import { describe, expect, it } from 'vitest';
import { type Action, may, roles } from './access.ts';

describe('a role', () => {
  it.each<[Action, readonly string[]]>([
    ['read', ['viewer', 'auditor', 'operator', 'approver', 'admin']],
    ['audit', ['auditor', 'admin']],
    ['switch-sending', ['operator', 'approver', 'admin']],
    ['replay', ['operator', 'approver', 'admin']],
    ['test-connection', ['operator', 'approver', 'admin']],
    ['restore', ['admin']],
    ['approve', ['approver', 'admin']],
    ['deny', ['approver', 'admin']],
  ])('F130 may %s only where it is one of %j', (action, allowed) => {
    expect(roles.filter((role) => may(role, action))).toEqual(allowed);
  });
});
