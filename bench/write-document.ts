import { readResults, resultsFile, writeDocuments } from './results.ts';

/** `npm run bench:docs`: `docs/performance.md` and `docs/cost.md` from `bench/results.json`. */
writeDocuments(readResults(resultsFile));
