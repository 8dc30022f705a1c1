import { readResults, resultsFile, writeDocument } from './results.ts';

/** `npm run bench:docs`: `docs/performance.md` from `bench/results.json`. */
writeDocument(readResults(resultsFile));
