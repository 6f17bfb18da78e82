#!/usr/bin/env node
// Plain JavaScript, so that an old Node reads this sentence instead of a syntax error.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  console.error(
    `The demo needs Node 24 or newer; this is ${process.version} (${process.execPath}). ` +
      "Run it by `npm run demo` after a plain `npm ci` (on Linux that brings Node 24 along), or install Node 24 from https://nodejs.org.",
  );
  process.exit(2);
}
const { demo } = await import("../sandbox/demo.ts");
await demo(process.argv.slice(2));
