/** What a function's bundle may weigh at most, all of its files, in kB of 1000 bytes. */
export const budgets: Readonly<Record<string, number>> = {
  'receive-return': 1050,
  'receive-gateway': 1050,
  relay: 650,
  sweep: 650,
  notify: 650,
  tend: 650,
  assess: 650,
  execute: 1350,
  reconcile: 1350,
  operator: 800,
};
