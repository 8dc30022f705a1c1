/** Fails the run at once under another Node: `npm ci --ignore-scripts` leaves none, and scripts would silently run on the machine's own. */
export function setup(): void {
  const major = process.versions.node.split('.')[0];
  if (major !== '24') {
    throw new Error(
      `Redress is tested on Node 24, this is ${process.versions.node}. Run "npm ci" (it installs Node 24 as a dev dependency), then "npm test".`,
    );
  }
}
