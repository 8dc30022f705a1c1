/**
 * Every gateway that there is a folder of. Data, and nothing that runs: `readers.ts` and `clients.ts` must each have an entry for it, and each has a queue of
 * its own (`stacks/queues.ts`, `local/aws.ts`).
 */
export const gatewayPlatforms = ['stripe'] as const;
export type GatewayPlatform = (typeof gatewayPlatforms)[number];
