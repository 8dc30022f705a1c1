/// <reference path="../.sst/platform/config.d.ts" />
import { named, production } from './settings.ts';

export type Keys = ReturnType<typeof keys>;

/** The key that payment references are encrypted under; turned once a year. */
export function keys() {
  const references = new aws.kms.Key(
    'References',
    {
      description: 'Payment references of Redress',
      enableKeyRotation: true,
      deletionWindowInDays: 30,
    },
    // Another key opens nothing of what this one closed.
    { protect: production() },
  );
  new aws.kms.Alias('ReferencesAlias', { name: `alias/${named('references')}`, targetKeyId: references.id });
  return { references };
}

export const encrypts = ({ references }: Keys) => [{ actions: ['kms:GenerateDataKey'], resources: [references.arn] }];

export const decrypts = ({ references }: Keys) => [{ actions: ['kms:Decrypt'], resources: [references.arn] }];

/** Managing a key is not using it: nobody of the account reads a reference by a policy they give themselves, without changing this one. */
const managing = [
  'kms:DescribeKey',
  'kms:GetKeyPolicy',
  'kms:PutKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:EnableKeyRotation',
  'kms:UpdateKeyDescription',
  'kms:EnableKey',
  'kms:DisableKey',
  'kms:ScheduleKeyDeletion',
  'kms:CancelKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:ListResourceTags',
  // A name for a key needs the key's consent as well as the account's.
  'kms:CreateAlias',
  'kms:UpdateAlias',
  'kms:DeleteAlias',
];

type Arn = $util.Input<string>;

/** Who may use the key: by role, in the key's own policy. Apart from the key, since roles are made after it. */
export function keyPolicy({ references }: Keys, of: { readonly encrypting: Arn[]; readonly decrypting: Arn[] }) {
  const account = aws.getCallerIdentityOutput().accountId;
  const partition = aws.getPartitionOutput().partition;
  return new aws.kms.KeyPolicy('ReferencesPolicy', {
    keyId: references.id,
    policy: $jsonStringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Manage',
          Effect: 'Allow',
          Principal: { AWS: $interpolate`arn:${partition}:iam::${account}:root` },
          Action: managing,
          Resource: references.arn,
        },
        {
          Sid: 'Encrypt',
          Effect: 'Allow',
          Principal: { AWS: of.encrypting },
          Action: ['kms:GenerateDataKey'],
          Resource: references.arn,
        },
        {
          Sid: 'Decrypt',
          Effect: 'Allow',
          Principal: { AWS: of.decrypting },
          Action: ['kms:Decrypt'],
          Resource: references.arn,
        },
      ],
    }),
  });
}
