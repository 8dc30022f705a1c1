import { join } from 'node:path';

/** The text of the program that a child runs: SST's runner around `sst.config.ts`, and a recorder under it. */
export const programOf = ({ root, platform }: { readonly root: string; readonly platform: string }): string => `
import { runtime } from '@pulumi/pulumi';
import { MockMonitor } from '@pulumi/pulumi/runtime/mocks.js';
import { run } from ${JSON.stringify(join(platform, 'src/auto/run.ts'))};
import { record } from ${JSON.stringify(join(root, 'test/infra/render/recorder.ts'))};
import config from ${JSON.stringify(join(root, 'sst.config.ts'))};
await record({ runtime, MockMonitor }, $app, () => run(config.run));
`;
