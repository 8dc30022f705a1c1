/**
 * Our own format, for shops and return systems that no folder speaks for: JSON as in `schema.json`, signed by Standard Webhooks.
 */
export const manifest = {
  platform: 'generic',
  /** What the signature covers. With id, time, type and body all signed, a notice needs no reading back before it counts. */
  signed: ['id', 'time', 'type', 'body'],
  /** Nobody but us moves money for it. */
  pays: 'redress',
} as const;
