import { describe, expect, it } from 'vitest';
import { limitsIn, required } from './env.ts';

const good = {
  REDRESS_INSTALLATION: 'production',
  REDRESS_KEY_ARN: 'arn:aws:kms:eu-central-1:123456789012:key/3f2c',
  REDRESS_APPROVAL_LIMIT: '500.00',
  REDRESS_HOURLY_LIMIT: '1000/50000.00',
  REDRESS_HOURLY_LIMIT_OF_ALL: 'none',
};

describe('what a function is told by its environment', () => {
  it('is there, or the function says in one sentence all that is not', () => {
    expect(required(good, ['REDRESS_INSTALLATION'])).toEqual({ REDRESS_INSTALLATION: 'production' });
    expect(() =>
      required({ ...good, REDRESS_KEY_ARN: 'alias/redress' }, ['REDRESS_KEY_ARN', 'REDRESS_JOURNAL_TABLE']),
    ).toThrow(
      "This function can't start. REDRESS_KEY_ARN is malformed: it must be the full ARN of the encryption key, not an alias; REDRESS_JOURNAL_TABLE is missing: it must be the journal table's name.",
    );
  });

  it.each(['', '-1', '1e3', '1,000', 'free'])('F19 %j is no approval limit', (limit) => {
    expect(() => required({ REDRESS_APPROVAL_LIMIT: limit }, ['REDRESS_APPROVAL_LIMIT'])).toThrow(
      'REDRESS_APPROVAL_LIMIT',
    );
  });

  it.each(['', '1000', '1000/', '/50.00', '-1/50.00', '1000/5e4', '1,000/50.00', '1000/50.00 EUR', 'NONE'])(
    'F50 %j is no hourly limit',
    (limit) => {
      expect(() => required({ REDRESS_HOURLY_LIMIT: limit }, ['REDRESS_HOURLY_LIMIT'])).toThrow('REDRESS_HOURLY_LIMIT');
    },
  );

  it('F50 reads an hourly limit, or that there is none', () => {
    const env = { REDRESS_HOURLY_LIMIT: '1000/50000.00', REDRESS_HOURLY_LIMIT_OF_ALL: '0/0' };
    const [ofEach, ofAll] = [
      { refunds: 1000, amount: '50000.00' },
      { refunds: 0, amount: '0' },
    ];
    expect(limitsIn(env)).toEqual({ ofEach, ofAll });
    expect(limitsIn({ ...env, REDRESS_HOURLY_LIMIT: 'none' })).toEqual({ ofEach: undefined, ofAll });
    expect(limitsIn({})).toEqual({ ofEach: undefined, ofAll: undefined });
    expect(() => limitsIn({ REDRESS_HOURLY_LIMIT: '' })).toThrow('REDRESS_HOURLY_LIMIT is missing');
  });

  it('F133 trusts no token of the development issuer', () => {
    expect(() => required({ REDRESS_TOKEN_ISSUER: 'redress-development' }, ['REDRESS_TOKEN_ISSUER'])).toThrow(
      'malformed',
    );
  });
});
