/** Characters of a reason at most: why a person did something is kept on the record, and shown in a line. */
export const longestReason = 200;

/** Whether what somebody said is a reason that the record takes. */
export const isReason = (said: unknown): said is string =>
  typeof said === 'string' && said.length > 0 && said.length <= longestReason;
