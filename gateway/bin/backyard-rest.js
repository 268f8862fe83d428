#!/usr/bin/env node
// The sources are TypeScript, which Node runs since 22.18. npx and npm put the project's own Node first on
// PATH; an older one gets here only when this file is started in another way, and needs a sentence instead
// of a syntax error. So this file itself stays plain JavaScript.
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  await import('../src/program/main.ts');
} else {
  process.stderr.write(
    `error: this is Node ${process.versions.node}, and backyard-rest needs 22.18 or newer. ` +
      'Start it as `npx backyard-rest` in the project, which brings its own.\n',
  );
  process.exitCode = 1;
}
