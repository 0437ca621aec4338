// SPDX-License-Identifier: Apache-2.0
// The reference of the expression benchmark: @bufbuild/cel on Node, with the same expressions on the same message. Prints a line a case: name, result,
// nanoseconds with plain values, nanoseconds with the message (medians of several rounds). The message is decoded beforehand, as ours is indexed.
// Usage: node reference.mjs FOLDER-WITH-NODE_MODULES CASES SET JSON
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, cases, set, json] = process.argv.slice(2);
const require = createRequire(resolve(folder, "package.json"));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { createFileRegistry, fromBinary, fromJson } = await load("@bufbuild/protobuf");
const { FileDescriptorSetSchema } = await load("@bufbuild/protobuf/wkt");
const { celEnv, parse, plan } = await load("@bufbuild/cel");
const { strings } = await load("@bufbuild/cel/ext");

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(set)));
const data = fromJson(registry.getMessage("bench.Acta"), JSON.parse(readFileSync(json, "utf8")), { registry });
const env = celEnv({ registry, funcs: strings });
const EVALUATIONS = 20000;
const ROUNDS = 5;

// The same values without their message, as maps of plain values: the library reads those several times faster.
function plain(value) {
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (typeof value === "object" && value !== null) {
    return new Map(
      registry
        .getMessage(value.$typeName)
        .fields.filter((f) => value[f.localName] !== undefined)
        .map((f) => [f.name, f.scalar === 5 ? BigInt(value[f.localName]) : plain(value[f.localName])]),
    );
  }
  return value;
}

function measure(evaluate, bindings) {
  const rounds = [];
  let result;
  for (let r = 0; r <= ROUNDS; r++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < EVALUATIONS; i++) {
      result = evaluate(bindings);
    }
    rounds.push(Number(process.hrtime.bigint() - start) / EVALUATIONS);
  }
  rounds.shift(); // the first one warms: compiled by then
  rounds.sort((a, b) => a - b);
  return { result, ns: rounds[Math.floor(ROUNDS / 2)] };
}

for (const line of readFileSync(cases, "utf8").split("\n").filter((l) => l !== "")) {
  const [name, text] = line.split("\t");
  const evaluate = plan(env, parse(text));
  const message = measure(evaluate, { data });
  const values = measure(evaluate, { data: plain(data) });
  const result = message.result === values.result ? message.result : "differs";
  console.log(`${name}\t${result}\t${values.ns.toFixed(1)}\t${message.ns.toFixed(1)}`);
}
