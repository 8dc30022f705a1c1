/**
 * Every gateway that there is a folder of. Data, and nothing that runs: `registry.ts` must have an entry for each, and each has a queue of
 * its own (`stacks/queues.ts`, `local/aws.ts`).
 */
export const gatewayPlatforms = ['stripe'] as const;
export type GatewayPlatform = (typeof gatewayPlatforms)[number];
