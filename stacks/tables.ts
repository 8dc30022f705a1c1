/// <reference path="../.sst/platform/config.d.ts" />
import { named, production } from './settings.ts';

/** Names of indexes and their keys, as `lib/adapters/aws/table-schemas.ts` has them; a test holds one against the other. */
const indexes = [
  { name: 'due', hashKey: 'dueShard', rangeKey: 'dueAt' },
  { name: 'byDay', hashKey: 'dayKey', rangeKey: 'daySort' },
  { name: 'byOrder', hashKey: 'orderKey', rangeKey: 'orderSort' },
];

/** Whatever could change or take away what was written; a transaction's parts count as these. */
export const changing = [
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PartiQLDelete',
  'dynamodb:PartiQLInsert',
];

/**
 * What takes the whole away or lets it be forgotten. No deployment asks for any of it: removing a stack takes the policy off first. A restore
 * needs no denial: it always makes a new table and never writes over one.
 */
export const losing = ['dynamodb:DeleteTable', 'dynamodb:UpdateTimeToLive', 'dynamodb:UpdateContinuousBackups'];

/** What a deployment itself needs: denied to all others where it is said who deploys. */
export const deploying = ['dynamodb:UpdateTable'];

export type Tables = ReturnType<typeof tables>;

/** The journal, which is only ever put to, and the state. Nothing in either expires: safety depends on what was written. */
export function tables() {
  const kept = {
    billingMode: 'PAY_PER_REQUEST',
    pointInTimeRecovery: { enabled: true },
    deletionProtectionEnabled: production(),
    serverSideEncryption: { enabled: true },
  };
  const journal = new aws.dynamodb.Table(
    'Journal',
    {
      ...kept,
      name: named('journal'),
      hashKey: 'pk',
      rangeKey: 'sk',
      attributes: [
        { name: 'pk', type: 'S' },
        { name: 'sk', type: 'N' },
      ],
      streamEnabled: true,
      streamViewType: 'NEW_IMAGE',
    },
    { retainOnDelete: production() },
  );
  const state = new aws.dynamodb.Table(
    'State',
    {
      ...kept,
      name: named('state'),
      hashKey: 'pk',
      attributes: [
        { name: 'pk', type: 'S' },
        ...indexes.flatMap(({ hashKey, rangeKey }) => [
          { name: hashKey, type: 'S' },
          { name: rangeKey, type: 'S' },
        ]),
      ],
      globalSecondaryIndexes: indexes.map((index) => ({ ...index, projectionType: 'ALL' })),
    },
    { retainOnDelete: production() },
  );
  return { journal, state };
}

/**
 * Whatever a role of the account is given: an entry that was written stays as it is, and so does the table. An administrator has to take
 * the policy off first, which is a call of its own in CloudTrail. A put without our condition would replace an entry, and no policy can ask
 * for a condition: nobody puts but those that append. Apart from the table, since roles are made after it.
 */
export function appendOnly(
  { journal }: Tables,
  { appending, deployer }: { readonly appending: $util.Input<string>[]; readonly deployer: string | undefined },
): void {
  const everybody = { Effect: 'Deny', Principal: '*', Resource: journal.arn };
  const unless = (arn: $util.Input<string> | $util.Input<string>[]) => ({
    Condition: { ArnNotEquals: { 'aws:PrincipalArn': arn } },
  });
  new aws.dynamodb.ResourcePolicy('JournalIsAppendOnly', {
    resourceArn: journal.arn,
    policy: $jsonStringify({
      Version: '2012-10-17',
      Statement: [
        { ...everybody, Sid: 'AppendOnly', Action: changing },
        { ...everybody, Sid: 'Kept', Action: losing },
        { ...everybody, Sid: 'OnlyFunctionsAppend', Action: ['dynamodb:PutItem'], ...unless(appending) },
        ...(deployer === undefined
          ? []
          : [{ ...everybody, Sid: 'OnlyDeployed', Action: deploying, ...unless(deployer) }]),
      ],
    }),
  });
}

/** What a role may do to the journal: read it, and put. */
export const appendsTo = ({ journal }: Tables) => [
  { actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'], resources: [journal.arn] },
];

export const writesState = ({ state }: Tables) => [
  {
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:ConditionCheckItem'],
    resources: [state.arn],
  },
];

export const readsIndexes = ({ state }: Tables) => [
  { actions: ['dynamodb:Query'], resources: indexes.map(({ name }) => $interpolate`${state.arn}/index/${name}`) },
];

/** The whole of both, for the auditors' pages. */
export const readsAll = ({ journal, state }: Tables) => [
  { actions: ['dynamodb:Scan'], resources: [journal.arn, state.arn] },
];

/** For those that only look who is concerned. */
export const readsHeads = ({ state }: Tables) => [{ actions: ['dynamodb:GetItem'], resources: [state.arn] }];
