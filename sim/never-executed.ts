/** Files of the engine's app code that no life comes to, and why. Not counted where it is said how much of the rest is executed. */
export const neverExecuted: Readonly<Record<string, string>> = {};
