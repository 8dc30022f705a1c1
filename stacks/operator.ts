/// <reference path="../.sst/platform/config.d.ts" />
import type { Shared } from './deploy.ts';
import { fn } from './function.ts';
import { encrypts } from './keys.ts';
import { sendsTo, takesDead, urlsOf } from './queues.ts';
import { readsCredentials, readsSettings } from './secrets.ts';
import { appendsTo, readsAll, readsIndexes, writesState } from './tables.ts';

/** The API for people and their tools: reads, decides, asks counterparts, stores what a restore is told by them; and never decrypts. */
export const operator = (shared: Shared) =>
  fn('operator', {
    timeoutSeconds: 15,
    environment: {
      ...shared.environment,
      ...shared.settingsEnvironment,
      ...shared.credentialsEnvironment,
      ...shared.keyEnvironment,
      ...urlsOf(shared.queues, shared.settings),
      REDRESS_TOKEN_ISSUER: shared.settings.tokenIssuer,
      REDRESS_TOKEN_AUDIENCE: shared.settings.tokenAudience,
      REDRESS_TOKEN_KEYS: shared.settings.tokenKeys,
    },
    permissions: [
      ...appendsTo(shared.tables),
      ...writesState(shared.tables),
      ...readsIndexes(shared.tables),
      ...readsAll(shared.tables),
      ...readsSettings(shared.secrets),
      ...readsCredentials(shared.secrets, 'gateway', 'shop'),
      ...encrypts(shared.keys),
      ...sendsTo(shared.queues),
      ...takesDead(shared.queues),
    ],
  });
