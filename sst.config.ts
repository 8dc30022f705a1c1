/// <reference path="./.sst/platform/config.d.ts" />

/** What runs where: `stacks/`, one file for each noun. docs/deploy.md says how to deploy it. */
export default $config({
  app: (input) => ({
    name: 'redress',
    home: 'aws',
    removal: input.stage === 'production' ? 'retain' : 'remove',
    protect: input.stage === 'production',
    providers: { aws: { version: '7.20.0' } },
  }),
  run: async () => {
    const { deploy } = await import('./stacks/deploy.ts');
    return deploy();
  },
});
