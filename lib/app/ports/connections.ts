import type { ConnectionName, MerchantId } from '../../domain/ids.ts';
import type { Instant } from '../../domain/time.ts';

/** A secret that prints as `[secret]`: it can reach neither a log nor an error by accident. `reveal` is the only way to its text. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}

/** A secret that signatures are checked with. `version` names it in logs: that an old one is quiet is seen there before it is taken out. */
export class VerifySecret extends Secret {
  readonly version: string;

  constructor(text: string, version: string) {
    super(text);
    this.version = version;
  }
}

/** What is wrong with the settings. `says` is a sentence without its point that names the field and never what stands in it. */
export interface WrongSetting {
  /** Absent where it is about no single connection. */
  readonly connection?: string;
  /** `mode`, `settings.baseUrl`. */
  readonly field: string;
  readonly says: string;
}

/** The cause of an `Unavailable` whose settings were read and can't be used. Its message is all of them, in our own words. */
export class WrongSettings extends Error {
  override readonly name = 'WrongSettings';
  readonly wrong: readonly WrongSetting[];

  constructor(where: string, wrong: readonly WrongSetting[]) {
    super(`${where} can't be used: ${wrong.map(({ says }) => says).join('; ')}`);
    this.wrong = wrong;
  }
}

/** One configured counterpart: a shop that sends returns, or an account at a gateway. */
export interface Connection {
  readonly name: ConnectionName;
  readonly merchant: MerchantId;
  readonly kind: 'source' | 'gateway';
  /** The folder that speaks its language: `generic`, `stripe`. */
  readonly platform: string;
  readonly mode: 'test' | 'live';
  /** What else that folder needs and is no secret: base URL, account id. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Settings and verify secrets, cached for at most five minutes, and for fifteen where their store does not answer. `receive` has this and
 * nothing of `Credentials`.
 */
export interface Connections {
  find(name: ConnectionName): Promise<Connection | undefined>;
  /** All connections of a merchant, in the order of the settings. */
  of(merchant: MerchantId): Promise<readonly Connection[]>;
  /** Every secret that is live at `now`, newest first: senders rotate with an overlap (F20). Throws `Unavailable`. */
  verifySecrets(name: ConnectionName, now: Instant): Promise<readonly VerifySecret[]>;
  /** The key of the blind index: payments are found by an HMAC of their reference. Versioned, never rotated in place. */
  indexKey(merchant: MerchantId): Promise<{ readonly version: string; readonly key: Secret }>;
}

/** API credentials, apart from verify secrets: only workers that call out may read them. */
export interface Credentials {
  credential(name: ConnectionName): Promise<Secret>;
}
