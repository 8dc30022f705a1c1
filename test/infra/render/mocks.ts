/** What AWS would answer, as far as SST needs it to go on. ARNs are made of logical names, so that a test can tell whose they are. */
const account = '123456789012';
const region = 'eu-central-1';

const arnOf = (type: string, name: string): string => {
  const service = /^aws:([a-z0-9]+)\//.exec(type)?.[1] ?? 'aws';
  if (service === 'kms') return `arn:aws:kms:${region}:${account}:key/${name}`;
  if (service === 'iam') return `arn:aws:iam::${account}:role/${name}`;
  return `arn:aws:${service}:${region}:${account}:${name}`;
};

type Inputs = Readonly<Record<string, unknown>>;

const further: Readonly<Record<string, (name: string, inputs: Inputs) => Inputs>> = {
  'aws:dynamodb/table:Table': (name, inputs) =>
    inputs.streamEnabled === true ? { streamArn: `${arnOf('aws:dynamodb/table:Table', name)}/stream` } : {},
  'aws:sqs/queue:Queue': (name) => ({ url: `https://sqs.${region}.amazonaws.com/${account}/${name}` }),
  'aws:lambda/function:Function': (name, inputs) => {
    const arn = arnOf('aws:lambda/function:Function', name);
    return {
      qualifiedArn: `${arn}:1`,
      version: '1',
      invokeArn: `${arn}/invocations`,
      qualifiedInvokeArn: `${arn}:1/invocations`,
      responseStreamingInvokeArn: `${arn}/response-streaming-invocations`,
      lastModified: '2026-01-01T00:00:00Z',
      publish: inputs.publish ?? false,
    };
  },
  'aws:apigatewayv2/api:Api': (name) => ({
    apiEndpoint: `https://${name.toLowerCase()}.execute-api.${region}.amazonaws.com`,
    executionArn: `arn:aws:execute-api:${region}:${account}:${name}`,
  }),
  'random:index/randomBytes:RandomBytes': () => ({ base64: Buffer.alloc(32).toString('base64') }),
};

/** Outputs of a resource: what it was given, an ARN, and what its kind adds. */
export const outputsOf = (type: string, name: string, inputs: Inputs): Inputs => ({
  name: inputs.name ?? name,
  ...inputs,
  arn: arnOf(type, name),
  ...further[type]?.(name, inputs),
});

/** Answers of data sources; undefined for one that nobody thought of. */
export function answerTo(token: string, inputs: Inputs): Inputs | undefined {
  switch (token) {
    case 'aws:index/getRegion:getRegion':
      return { region, name: region, id: region };
    case 'aws:index/getCallerIdentity:getCallerIdentity':
      return { accountId: account, arn: `arn:aws:iam::${account}:root`, userId: account };
    case 'aws:index/getPartition:getPartition':
      return { partition: 'aws', dnsSuffix: 'amazonaws.com' };
    // Without its statements SST drops every inline policy, and all tests of permissions would hold of nothing.
    case 'aws:iam/getPolicyDocument:getPolicyDocument':
      return {
        json: JSON.stringify({ Version: '2012-10-17', Statement: inputs.statements ?? [] }),
        statements: inputs.statements,
      };
    default:
      return undefined;
  }
}
