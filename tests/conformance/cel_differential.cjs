// SPDX-License-Identifier: Apache-2.0
// Random expressions, evaluated by @bufbuild/cel and by our testee: every result must be the same value, or an error on both sides. Expressions are typed as
// they are built, with a wrong type now and then; half are checked, half are not. A seed gives the same expressions again.
// argv: folder with node_modules and cel.binpb, testee, count, seed. Prints each disagreement and a tally; the exit code is 1 when there was one.
"use strict";
const fs = require("fs");
const path = require("path");
const { spawnSync } = require("child_process");

const folder = path.resolve(process.argv[2]);
const testee = path.resolve(process.argv[3]);
const COUNT = Number(process.argv[4] ?? 10000);
const SEED = Number(process.argv[5] ?? 1);
const BATCH = 2000;
const load = (name) => require(require.resolve(name, { paths: [folder] }));
const { create, toBinary, fromJson, isMessage } = load("@bufbuild/protobuf");
const { anyPack } = load("@bufbuild/protobuf/wkt");
const { SimpleTestSchema } = load("@bufbuild/cel-spec/cel/expr/conformance/test/simple_pb.js");
const { getTestRegistry } = load("@bufbuild/cel-spec/testdata/registry.js");
const cel = load("@bufbuild/cel");
const { strings } = load("@bufbuild/cel/ext");
const registry = getTestRegistry();
const message = registry.getMessage("cel.expr.conformance.proto3.TestAllTypes");
const env = cel.celEnv({ registry, funcs: strings, namespace: "cel.expr.conformance.proto3" });

// ---- chance: a generator of 32 bits, so that a seed says everything --------------------------------------------------
let state = SEED >>> 0;
function below(n) {
	state = (state + 0x6d2b79f5) >>> 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[below(list.length)];

// ---- what there is to read -------------------------------------------------------------------------------------------
const DATA = {
	singleInt32: -7, singleInt64: "42", singleUint32: 5, singleUint64: "18446744073709551615", singleDouble: 1.5, singleBool: true,
	singleString: "a\u00e9b", singleBytes: "/wA=", standaloneEnum: "BAZ", standaloneMessage: { bb: 3 }, repeatedInt64: ["1", "2", "3"],
	repeatedString: ["x", "y"], mapStringString: { a: "b" }, singleInt64Wrapper: "9", singleTimestamp: "2009-02-13T23:31:30.123Z",
	singleDuration: "90.125s", singleStruct: { k: [1, null] }, singleValue: "v",
};
const data = fromJson(message, DATA, { registry });
const FIELDS = {
	int: ["x.single_int32", "x.single_int64", "x.standalone_enum", "x.standalone_message.bb", "x.single_int64_wrapper", "x.single_sint32"],
	uint: ["x.single_uint32", "x.single_uint64", "x.single_fixed32"],
	double: ["x.single_double", "x.single_float"],
	string: ["x.single_string", "x.map_string_string['a']", "x.single_value", "x.single_string_wrapper"],
	bytes: ["x.single_bytes"],
	bool: ["x.single_bool", "has(x.single_int32)", "has(x.single_sint32)", "has(x.standalone_message)", "has(x.single_nested_message)"],
	list: ["x.repeated_int64", "x.repeated_uint32"],
	timestamp: ["x.single_timestamp"],
	duration: ["x.single_duration"],
};
const LITERALS = {
	int: ["0", "1", "2", "-1", "7", "9223372036854775807", "-9223372036854775808", "100"],
	uint: ["0u", "1u", "3u", "18446744073709551615u"],
	double: ["0.0", "1.0", "-1.5", "2.5", "1e10", "1e-5", "123.456", "-0.0"],
	string: ["''", "'a'", "'ab'", "'b'", "'\u00e9\u00f1'", "'1'", "'-12'", "'1.5'", "'true'", "' x '", "'a,b,c'", "'B'"],
	bytes: ["b''", "b'a'", "b'\\xff'", "b'ab'"],
	bool: ["true", "false"],
	list: ["[]", "[1]", "[1, 2, 3]", "[3, 1, 2]"],
	timestamp: ["timestamp('1970-01-01T00:00:00Z')", "timestamp('2024-02-29T12:34:56.789Z')", "timestamp(0)"],
	duration: ["duration('0s')", "duration('90s')", "duration('-1.125s')", "duration('1h')"],
};
const TYPES = Object.keys(LITERALS);
// Texts for conversions: theirs takes '' as 0 and any other text as NaN, which the language does not.
LITERALS.digits = FIELDS.digits = ["'1'", "'-12'", "'007'", "'18446744073709551615'", "string(x.single_int32)", "string(x.single_uint64)"];

const GETTERS = ["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds"];

// ---- expressions -----------------------------------------------------------------------------------------------------
const sub = (type, depth) => make(below(30) === 0 && type !== "digits" ? pick(TYPES) : type, depth - 1);
// Never of a wrong type: where theirs takes more than the language does (minus of a uint, texts of durations, any text as a number).
const only = (type, depth) => make(type, depth - 1);
const binary = (type, operators, depth) => `(${sub(type, depth)} ${pick(operators)} ${sub(type, depth)})`;
const ordered = ["int", "uint", "double", "string", "bytes", "bool", "timestamp", "duration"];

const MAKERS = {
	int: [
		(d) => binary("int", ["+", "-", "*", "/", "%"], d), (d) => `size(${sub(pick(["string", "bytes", "list"]), d)})`, (d) => `-(${only("int", d)})`,
		(d) => `int(${only(pick(["int", "uint", "double", "digits", "timestamp"]), d)})`, (d) => `${sub("list", d)}[${only("int", d)}]`,
		(d) => `${sub("timestamp", d)}.${pick(GETTERS)}()`, (d) => `${sub("string", d)}.indexOf(${sub("string", d)})`,
		(d) => `(${sub("bool", d)} ? ${sub("int", d)} : ${sub("int", d)})`, (d) => `${sub("string", d)}.lastIndexOf(${sub("string", d)})`,
		(d) => `${sub("duration", d)}.${pick(["getHours", "getMinutes", "getSeconds"])}()`, (d) => `{'a': ${sub("int", d)}, 'b': 2}[${sub("string", d)}]`,
	],
	uint: [(d) => binary("uint", ["+", "-", "*", "%"], d), (d) => `uint(${only(pick(["int", "uint", "double", "digits"]), d)})`],
	double: [
		(d) => binary("double", ["+", "-", "*", "/"], d), (d) => `-(${only("double", d)})`,
		(d) => `double(${only(pick(["int", "uint", "double", "digits"]), d)})`,
	],
	string: [
		(d) => binary("string", ["+"], d), (d) => `string(${only(pick(["int", "uint", "bool", "string", "double"]), d)})`,
		(d) => `${sub("string", d)}.substring(${sub("int", d)})`, (d) => `${sub("string", d)}.${pick(["lowerAscii", "upperAscii", "trim"])}()`,
		(d) => `${sub("string", d)}.charAt(${sub("int", d)})`, (d) => `(${sub("bool", d)} ? ${sub("string", d)} : ${sub("string", d)})`,
		(d) => `${sub("string", d)}.split(',').join('-')`, (d) => `${sub("string", d)}.replace('a', ${sub("string", d)})`,
	],
	bytes: [(d) => binary("bytes", ["+"], d), (d) => `bytes(${only("string", d)})`],
	bool: [
		(d) => binary("bool", ["&&", "||", "==", "!="], d), (d) => `!${sub("bool", d)}`,
		(d) => binary(pick(ordered), ["<", "<=", ">", ">=", "==", "!="], d), (d) => `(${sub("int", d)} in ${sub("list", d)})`,
		(d) => `${sub("string", d)}.${pick(["contains", "startsWith", "endsWith"])}(${sub("string", d)})`,
		(d) => `${sub("list", d)}.${pick(["all", "exists", "exists_one"])}(i, i ${pick(["<", "==", ">"])} ${sub("int", d)})`,
		(d) => `${sub("string", d)}.matches(${pick(["'^a'", "'[a-c]+'", "'(a|b)*$'", "'\\\\d{2}'", "'^.$'"])})`, (d) => binary("list", ["==", "!="], d),
		(d) => `(type(${sub(pick(TYPES), d)}) == ${pick(["int", "uint", "double", "string", "bytes", "bool", "list"])})`,
		(d) => `(dyn(${sub(pick(["int", "uint", "double"]), d)}) ${pick(["<", "==", ">="])} ${sub(pick(["int", "uint", "double"]), d)})`,
		(d) => `bool(${only(pick(["string", "bool"]), d)})`, (d) => `(${only("string", d)} in {'a': 1, 'ab': 2})`,
	],
	list: [
		(d) => binary("list", ["+"], d), (d) => `[${sub("int", d)}, ${sub("int", d)}]`, (d) => `${sub("list", d)}.map(i, i + ${sub("int", d)})`,
		(d) => `${sub("list", d)}.filter(i, i > ${sub("int", d)})`, (d) => `(${sub("bool", d)} ? ${sub("list", d)} : ${sub("list", d)})`,
	],
	timestamp: [(d) => `(${sub("timestamp", d)} ${pick(["+", "-"])} ${sub("duration", d)})`, (d) => `timestamp(string(${sub("timestamp", d)}))`],
	duration: [(d) => binary("duration", ["+", "-"], d), (d) => `(${sub("timestamp", d)} - ${sub("timestamp", d)})`],
};
function make(type, depth) {
	if (depth <= 0 || below(5) === 0 || type === "digits") {
		return below(2) === 0 ? pick(LITERALS[type]) : pick(FIELDS[type]);
	}
	return pick(MAKERS[type])(depth);
}

// ---- results as the suite writes them --------------------------------------------------------------------------------
function value(v) {
	const kind = (name, content) => ({ kind: { case: name, value: content } });
	switch (typeof v) {
	case "boolean": return kind("boolValue", v);
	case "bigint": return kind("int64Value", v);
	case "number": return kind("doubleValue", v);
	case "string": return kind("stringValue", v);
	default:
	}
	if (v === null) { return kind("nullValue", 0); }
	if (v instanceof Uint8Array) { return kind("bytesValue", v); }
	if (cel.isCelUint(v)) { return kind("uint64Value", v.value); }
	if (cel.isCelList(v)) { return kind("listValue", { values: [...v].map(value) }); }
	if (cel.isCelType(v)) { return kind("typeValue", v.name); }
	if (isMessage(v.message)) { return kind("objectValue", anyPack(v.desc, v.message)); }
	throw new Error("a result of an unknown kind");
}

function evaluate(text) {
	try {
		const result = cel.plan(env, cel.parse(text))({ x: data });
		return cel.isCelError(result) ? undefined : value(result);
	} catch (e) {
		return undefined;
	}
}

function test(text, check) {
	const expected = evaluate(text);
	return create(SimpleTestSchema, {
		name: "random", expr: text, disableCheck: !check, container: "cel.expr.conformance.proto3",
		typeEnv: [{ name: "x", declKind: { case: "ident", value: { type: { typeKind: { case: "messageType", value: message.typeName } } } } }],
		bindings: { x: { kind: { case: "value", value: { kind: { case: "objectValue", value: anyPack(message, data) } } } } },
		resultMatcher: expected ? { case: "value", value: expected } : { case: "evalError", value: { errors: [{ message: "any" }] } },
	});
}

// What is known to differ, by our choice or by a fault of theirs; each with its reason.
const KNOWN = [
	[/-\(-\(/, "minus of minus of the least int is no overflow to them"],
	[/!-/, "the grammar has no minus behind a !, their parser has"],
	[/single_string_wrapper.* in \{/, "null in a map is an error to them; the language looks for the key and does not find it"],
	[/string\(.*(duration|timestamp)/, "they write 1.500s where the language has 1.5s"],
	[/9223372036854775808 % -1/, "the language's remainder overflows as its quotient does"],
];

let disagreements = 0;
let agreed = 0;
let refused = 0;
for (let done = 0; done < COUNT; done += BATCH) {
	const tests = [];
	for (let i = done; i < Math.min(COUNT, done + BATCH); i++) {
		tests.push(test(make(pick(["bool", "bool", "int", "string", "double", "list", "uint"]), 4), i % 2 === 0));
	}
	const input = Buffer.concat(tests.flatMap((t) => {
		const body = toBinary(SimpleTestSchema, t, { registry });
		const head = Buffer.alloc(5);

		head.writeUInt32LE(body.length, 0);
		return [head, Buffer.from(body)];
	}));
	const out = spawnSync(testee, [path.join(folder, "cel.binpb")], { input, maxBuffer: 1 << 28 });
	const lines = out.stdout.toString().split("\n");

	for (const [i, t] of tests.entries()) {
		const [verdict, , , word] = (lines[i] ?? "").split("\t");

		if (verdict === "pass") {
			agreed++;
		} else if (verdict === "refused" && !t.disableCheck) {
			refused++; // by the checker, which the other side does not have
		} else if (!KNOWN.some(([pattern]) => pattern.test(t.expr))) {
			disagreements++;
			const wanted = t.resultMatcher.case === "value" ? JSON.stringify(t.resultMatcher.value.kind, (k, v) => typeof v === "bigint" ? `${v}` : v) : "an error";

			console.log(`differs: ${t.expr}\n  theirs ${wanted}\n  ours   ${verdict} ${word ?? out.stderr}`);
		}
	}
}
console.log(`cel differential, seed ${SEED}: ${agreed} agree, ${refused} refused by the checker, ${disagreements} differ`);
process.exit(disagreements > 0 ? 1 : 0);
