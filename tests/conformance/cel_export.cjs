// SPDX-License-Identifier: Apache-2.0
// Writes the tests of the npm package @bufbuild/cel-spec where our testee can read them: tests.json, a list of {suite, file, section, name,
// test (a SimpleTest, base64), tree, checked, type, error}, and cel.binpb, the FileDescriptorSet of everything that they speak of.
// argv: the folder with node_modules, which the two files are written into.
"use strict";
const fs = require("fs");
const path = require("path");

const folder = path.resolve(process.argv[2]);
const load = (name) => require(require.resolve(name, { paths: [folder] }));
const { toBinary } = load("@bufbuild/protobuf");
const { FileDescriptorProtoSchema } = load("@bufbuild/protobuf/wkt");
const { SimpleTestSchema, file_cel_expr_conformance_test_simple } = load("@bufbuild/cel-spec/cel/expr/conformance/test/simple_pb.js");
const suites = load("@bufbuild/cel-spec/testdata/tests.js");
const { getTestRegistry } = load("@bufbuild/cel-spec/testdata/registry.js");

const tests = [];
function walk(suite, file, section, node) {
	for (const t of node.tests) {
		tests.push({
			suite, file, section, name: t.name, test: Buffer.from(toBinary(SimpleTestSchema, t.original)).toString("base64"),
			tree: t.ast, checked: t.checkedAst, error: t.error, typed: t.original.resultMatcher.case === "typedResult",
		});
	}
	for (const child of node.suites) {
		walk(suite, file || child.name, file ? child.name : "", child);
	}
}
walk("conformance", "", "", suites.getConformanceSuite());
walk("parsing", "parsing", "", suites.getParsingSuite());
walk("checking", "checking", "", suites.getCheckingSuite());
walk("comprehension", "comprehension", "", suites.getComprehensionSuite());
fs.writeFileSync(path.join(folder, "tests.json"), JSON.stringify(tests));

// A FileDescriptorSet is its field 1, repeated: dependencies first.
const files = new Map();
function add(file) {
	if (!files.has(file.name)) {
		file.dependencies.forEach(add);
		files.set(file.name, Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)));
	}
}
function varint(n) {
	return n < 128 ? [n] : [(n & 127) | 128, ...varint(n >>> 7)];
}
[...getTestRegistry().files, file_cel_expr_conformance_test_simple].forEach(add);
const set = [...files.values()].flatMap((f) => [Buffer.from([10, ...varint(f.length)]), f]);
fs.writeFileSync(path.join(folder, "cel.binpb"), Buffer.concat(set));
