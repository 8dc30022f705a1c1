/**
 * What the SDK imports only where there are no credentials in the environment, no Node, or a call that answers with a stream of events,
 * which none of ours does. A function has its role's credentials there before it starts
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html); without them it would fail at its first call, and still does,
 * with another sentence.
 */
const neverHere = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/core/event-streams',
  '@smithy/credential-provider-imds',
  'bowser',
];

/** How every function is bundled. Split: a gateway's or a shop's code is a file of its own, read when the first message needs it. */
export const bundling = {
  format: 'esm',
  minify: true,
  sourcemap: true,
  splitting: true,
  esbuild: { external: neverHere },
} as const satisfies { readonly [setting: string]: unknown };
