import type { MerchantId } from '../../domain/ids.ts';

/** What is never stored or logged in clear: names a gateway has for a payment, and the order that goes with it. */
export type Secrets = Readonly<Record<string, string>>;

/**
 * Envelope encryption of payment references. The encryption context is merchant and purpose, so that data keys can be cached;
 * the id of the item a ciphertext belongs to is bound inside it.
 */
export interface Sealer {
  /** Ciphertext, base64. Throws `Unavailable` when no data key can be had: there is no plaintext fallback. */
  seal(merchant: MerchantId, item: string, secrets: Secrets): Promise<string>;
}

export interface Opener {
  /** The secrets, or `foreign` when the ciphertext was made for another merchant or item, was changed, or its key is gone for good. Throws `Unavailable` otherwise. */
  open(merchant: MerchantId, item: string, sealed: string): Promise<Secrets | 'foreign'>;
}

export type Vault = Sealer & Opener;
