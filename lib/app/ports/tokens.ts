import type { Role } from '../../domain/access.ts';
import type { MerchantId } from '../../domain/ids.ts';

/** Who is asking, as far as a token can say it. */
export interface Bearer {
  readonly person: string;
  readonly role: Role;
  readonly merchant: MerchantId;
}

export interface TokenVerifier {
  /** The bearer, or undefined for any token that is not entirely right; why is of no use to who sent it. */
  verify(token: string, nowMs: number): Promise<Bearer | undefined>;
}
