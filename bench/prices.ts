/**
 * What AWS asks for in us-east-1, in US dollars, without free tiers and volume discounts. `seen` says where the number was read:
 * the pages of AWS show prices by script, so most were read from pages that quote them; look them up before you budget.
 */
export interface Price {
  /** Dollars for `per` of `unit`. */
  readonly dollars: number;
  readonly per: number;
  readonly unit: string;
  readonly page: string;
  readonly seen: string;
}

const quoted = (by: string) => `quoted by ${by}, read 2026-11-26`;
const remembered = 'from memory, 2026-11-26; not looked up';

export const prices = {
  writes: {
    dollars: 0.625,
    per: 1e6,
    unit: 'write units',
    page: 'aws.amazon.com/dynamodb/pricing/on-demand',
    seen: quoted('airbyte.com/data-engineering-resources/dynamodb-pricing'),
  },
  reads: {
    dollars: 0.125,
    per: 1e6,
    unit: 'read units',
    page: 'aws.amazon.com/dynamodb/pricing/on-demand',
    seen: quoted('airbyte.com/data-engineering-resources/dynamodb-pricing'),
  },
  queue: {
    dollars: 0.4,
    per: 1e6,
    unit: 'SQS requests',
    page: 'aws.amazon.com/sqs/pricing',
    seen: quoted('cloudburn.io/blog/amazon-sqs-pricing'),
  },
  kms: {
    dollars: 0.03,
    per: 1e4,
    unit: 'KMS requests',
    page: 'aws.amazon.com/kms/pricing',
    seen: quoted('wring.co/blog/aws-kms-pricing-guide'),
  },
  http: {
    dollars: 1,
    per: 1e6,
    unit: 'HTTP API requests',
    page: 'aws.amazon.com/api-gateway/pricing',
    seen: quoted('awsforengineers.com/blog/aws-api-gateway-pricing-explained'),
  },
  invocations: {
    dollars: 0.2,
    per: 1e6,
    unit: 'Lambda requests',
    page: 'aws.amazon.com/lambda/pricing',
    seen: quoted('a page on Lambda costs that names both architectures'),
  },
  lambda: {
    dollars: 13.3334,
    per: 1e6,
    unit: 'GB-seconds on arm64',
    page: 'aws.amazon.com/lambda/pricing',
    seen: quoted('a page on Lambda costs that names both architectures'),
  },
  logs: {
    dollars: 0.5,
    per: 1e9,
    unit: 'bytes of logs',
    page: 'aws.amazon.com/cloudwatch/pricing',
    seen: quoted('factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards'),
  },
  traces: {
    dollars: 5,
    per: 1e6,
    unit: 'X-Ray traces',
    page: 'aws.amazon.com/xray/pricing',
    seen: 'there, 2026-11-26',
  },
} as const satisfies Readonly<Record<string, Price>>;

export type Priced = keyof typeof prices;

/** Prices of what costs by the month whether or not anything happens. */
export const monthly = {
  key: { dollars: 1, page: 'aws.amazon.com/kms/pricing', seen: 'there, 2026-11-26' },
  alarm: { dollars: 0.1, page: 'aws.amazon.com/cloudwatch/pricing', seen: remembered },
  dashboard: {
    dollars: 3,
    page: 'aws.amazon.com/cloudwatch/pricing',
    seen: quoted('factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards'),
  },
} as const;
