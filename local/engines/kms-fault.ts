/** An answer that AWS gives as an error; `code` is AWS's name for it. */
export class KmsFault extends Error {
  override readonly name = 'KmsFault';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
