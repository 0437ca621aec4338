// SPDX-License-Identifier: Apache-2.0
// Random expressions over random payloads, evaluated by @bufbuild/cel and by our testee: every result must be the same value, or an error on both sides.
// Expressions are typed as they are built, with a wrong type now and then; half are checked, half are not. A seed gives the same ones again. What their
// implementation gets wrong is put right in cel_differential_theirs.cjs; what cannot be put right there is a rule of KNOWN below, which looks at the
// smallest part of the expression that differs, and never at more.
// argv: folder with node_modules and cel.binpb, testee, count, seed. Prints each disagreement and a tally; the exit code is 1 when there was one.
"use strict";
process.env.TZ = "UTC"; // their parts of timestamps come by way of the local time
const path = require("path");
const { spawnSync } = require("child_process");

const folder = path.resolve(process.argv[2]);
const testee = path.resolve(process.argv[3]);
const COUNT = Number(process.argv[4] ?? 10000);
const SEED = Number(process.argv[5] ?? 1);
const BATCH = 2000;
const PAYLOAD_SERVES = 20; // expressions
const load = (name) => require(require.resolve(name, { paths: [folder] }));
const { create, fromBinary, toBinary, isMessage } = load("@bufbuild/protobuf");
const { anyPack } = load("@bufbuild/protobuf/wkt");
const { SimpleTestSchema } = load("@bufbuild/cel-spec/cel/expr/conformance/test/simple_pb.js");
const registry = load("@bufbuild/cel-spec/testdata/registry.js").getTestRegistry();

// ---- chance: a generator of 32 bits, so that a seed says everything --------------------------------------------------
let state = SEED >>> 0;
function below(n) {
	state = (state + 0x6d2b79f5) >>> 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) % n;
}
const { cel, counts, BECAUSE, environment } = require("./cel_differential_theirs.cjs")(folder, load, registry);
const { PROTO2, PROTO3, payload, make, TYPES } = require("./cel_differential_expressions.cjs")(load, registry, below);

// What is known to differ and cannot be mended by a function: matched against the smallest part that differs.
const KNOWN = [
	{
		name: "default of an enum in a oneof",
		because: "langdef, Field Selection: 'the according primitive default value as determined by proto2': single_nested_enum has [default = BAR]; theirs says FOO",
		matches: ({ node }) => node.ours === "y.single_nested_enum",
	},
	{
		name: "a field takes its own type alone",
		because: "langdef, Protocol Buffer Data Conversion: int and uint fields are of different CEL types, and list elements and map values must have the right one; theirs takes each for the other",
		matches: ({ node, answer }, ask) => answer.word.startsWith("error bad_field_type") &&
			(node.fields ?? []).some(([type, value]) => ask({
				int: `type(${value.theirs}) == uint`, enum: `type(${value.theirs}) == uint`, uint: `type(${value.theirs}) == int`,
				list: `(${value.theirs}).exists(item, type(item) == uint)`, map: `(${value.theirs}).exists(key, type((${value.theirs})[key]) == uint)`,
			}[type] ?? "false")),
	},
	{
		name: "a key whose value is null",
		because: "langdef, Field Selection: 'has(e.f) indicates whether the string f is a key in the map'; theirs misses one whose value is null",
		matches: ({ node, expected }, ask) => expected?.kind.value === false && /^has\(.*\.a\)$/s.test(node.ours) && ask(`${node.parts[0].theirs}['a'] == null`),
	},
	{
		name: "has() of what has no fields",
		because: "langdef, Field Selection: 'In all other cases, has(e.f) evaluates to an error'; theirs says false",
		matches: ({ node, expected, answer }, ask) => expected?.kind.value === false && answer.word.startsWith("error no_such_overload") && /^has\(.*\.a\)$/s.test(node.ours) &&
			ask(`type(${node.parts[0].theirs}) in [int, uint, double, string, bytes, bool, null_type, list]`),
	},
	{
		name: "a NullValue",
		because: "langdef, Dynamic Values: NullValue stands among the types whose values are converted to the obvious type; theirs keeps the enum's number in proto2",
		matches: ({ node, expected }) => expected?.kind.value === false && /^\([xy]\.(optional_)?null_value == null\)$/.test(node.ours),
	},
	{
		name: "a list's index is a number",
		because: "langdef, _[_]: (list(A), int) -> A; theirs takes false and true as 0 and 1",
		matches: ({ node, expected, answer }, ask) => expected !== undefined && answer.word.startsWith("error bad_argument") && node.parts.length === 2 &&
			ask(`type(${node.parts[0].theirs}) == list && type(${node.parts[1].theirs}) == bool`),
	},
	{
		name: "a double is no key",
		because: "langdef, Aggregate Values: 'Key values must be an allowed key type: int, uint, bool, or string'; theirs takes a double that is whole for an int",
		matches: ({ node, answer }, ask) => answer.word.startsWith("error bad_key_type") &&
			[node, ...node.parts].some((map) => map.ours.startsWith("{") && map.parts.some((part, i) => i % 2 === 0 && ask(`type(${part.theirs}) == double`))),
	},
	{
		name: "bytes that are no text",
		because: "langdef, String and Bytes Values: 'Strings are sequences of Unicode code points', so %s of other bytes is an error; theirs puts U+FFFD for them",
		matches: ({ node, expected, answer }) => answer.word.startsWith("error bad_format") && /^'[^']*'\.format\(\[/.test(node.ours) && expected?.kind.value.includes("\ufffd"),
	},
	{
		name: "a list's optional index is a number",
		because: "the extension for optional values, _[?_]: (list(A), int); what stands for it in their text asks whether the key is in the list",
		matches: ({ node, answer }, ask) => answer.word.startsWith("error bad_argument") && [node, ...node.parts].some(({ ours, parts }) => ours.includes("[?") && parts.length === 2 &&
			ask(`type(${parts[0].theirs}) == list && type(${parts[1].theirs}) == string`)),
	},
	{
		name: "signs cancel through parentheses",
		because: "langdef, !_: (bool) -> bool; theirs takes !(!x) for x, whatever x is",
		matches: ({ node, expected, answer }) => expected !== undefined && answer.word.startsWith("error no_such_overload") && /^!+\(+!/.test(node.theirs),
	},
	{
		name: "null in an Any",
		because: "the suite, set_null: it reads as null again; ours is then not set, theirs holds a Value that is null",
		matches: ({ node, answer }, ask) => / instead of cel\.expr\.conformance\.proto[23]\.TestAllTypes$/.test(answer.word) &&
			(node.fields ?? []).some(([, value, name]) => name === "single_any" && ask(`${value.theirs} == null`)),
	},
	{
		name: "an Any that is not set",
		because: "the suite, dynamic/any: it is null; theirs ends the whole evaluation, past && and || too",
		matches: ({ node, threw }) => threw.startsWith("invalid Any") && node.theirs.includes(".single_any"),
	},
];

// ---- results as the suite writes them --------------------------------------------------------------------------------
const outside = () => { throw new Error("a whole number outside of every type"); };
function value(v) {
	const kind = (name, content) => ({ kind: { case: name, value: content } });
	switch (typeof v) {
	case "boolean": return kind("boolValue", v);
	case "bigint": return BigInt.asIntN(64, v) === v ? kind("int64Value", v) : outside();
	case "number": return kind("doubleValue", v);
	case "string": return kind("stringValue", v);
	default:
	}
	if (v === null) { return kind("nullValue", 0); }
	if (v instanceof Uint8Array) { return kind("bytesValue", v); }
	if (cel.isCelUint(v)) { return kind("uint64Value", v.value); }
	if (cel.isCelList(v)) { return kind("listValue", { values: [...v].map(value) }); }
	if (cel.isCelMap(v)) { return kind("mapValue", { entries: [...v].map(([key, inner]) => ({ key: value(key), value: value(inner) })) }); }
	if (cel.isCelType(v)) { return kind("typeValue", v.name); }
	if (isMessage(v.message)) { return kind("objectValue", anyPack(v.desc, v.message)); }
	throw new Error("a result of an unknown kind");
}
// {expected: a value, or undefined for an error; threw: what the error says; refused: by their parser}
function evaluate(text, at) {
	let parsed = false;

	try {
		const ast = cel.parse(text);

		parsed = true;
		const result = cel.plan(environment, ast)(at.theirs);

		return cel.isCelError(result) ? { threw: result.message } : { expected: value(result), threw: "" };
	} catch (e) {
		return { threw: e.message, refused: !parsed };
	}
}

// ---- one test: as our testee reads it --------------------------------------------------------------------------------
function data() {
	const bytes = [payload(PROTO3), payload(PROTO2)], schemas = [PROTO3, PROTO2];
	const object = (i) => ({ kind: { case: "value", value: { kind: { case: "objectValue", value: { $typeName: "google.protobuf.Any", typeUrl: `type.googleapis.com/${schemas[i].typeName}`, value: bytes[i] } } } } });

	return { theirs: { x: fromBinary(PROTO3, bytes[0]), y: fromBinary(PROTO2, bytes[1]) }, ours: { x: object(0), y: object(1) }, bytes };
}
const declared = (name, schema) => ({ name, declKind: { case: "ident", value: { type: { typeKind: { case: "messageType", value: schema.typeName } } } } });
function test(node, at, check) {
	const { expected, threw, refused } = evaluate(node.theirs, at);

	return { node, at, check, expected, threw, refused, body: Buffer.from(toBinary(SimpleTestSchema, create(SimpleTestSchema, {
		name: "random", expr: node.ours, disableCheck: !check, container: "cel.expr.conformance.proto3",
		typeEnv: [declared("x", PROTO3), declared("y", PROTO2)], bindings: at.ours,
		resultMatcher: expected ? { case: "value", value: expected } : { case: "evalError", value: { errors: [{ message: "any" }] } },
	}), { registry })) };
}
// Our answers to the tests: [verdict, word] of each.
function answers(tests) {
	const input = Buffer.concat(tests.flatMap(({ body }) => {
		const head = Buffer.alloc(5);

		head.writeUInt32LE(body.length, 0);
		return [head, body];
	}));
	const out = spawnSync(testee, [path.join(folder, "cel.binpb")], { input, maxBuffer: 1 << 28 });
	const lines = out.stdout.toString().split("\n");

	if (out.status !== 0 || lines.length !== tests.length + 1) {
		console.log(`the testee ended with ${out.status ?? out.signal} at: ${tests[lines.length - 1]?.node.ours}\n${out.stderr}`);
		process.exit(1);
	}
	return tests.map((_, i) => { const [verdict, , , word] = lines[i].split("\t"); return { verdict, word }; });
}
const differs = (t, { verdict, word }) => verdict !== "pass" && !(verdict === "refused" && (word.startsWith("checker") || t.refused));

// The node with what its variables stand for written out.
function written(node, values) {
	const names = Object.keys(values).filter((name) => node.free.has(name));
	const text = (dialect) => names.length === 0 ? node[dialect] : node[dialect].replace(new RegExp(`\\b(${names.join("|")})\\b`, "g"), (name) => values[name][dialect]);
	const inner = (part) => written(part, values);

	return names.length === 0 ? node : { ...node, ours: text("ours"), theirs: text("theirs"), parts: node.parts.map(inner), fields: node.fields?.map(([type, v, name]) => [type, inner(v), name]),
		free: new Set([...node.free].filter((name) => !(name in values))) };
}
// The smallest part that differs by itself, with the variables of the loops around it written out as they are in one of the first turns.
function smallest(t) {
	const closed = [];
	const walk = (node) => (node.turns ?? [{}]).forEach((values) => node.parts.forEach((one) => {
		const part = written(one, values);

		walk(part);
		if (part.free.size === 0 && !part.isPiece && part.theirs.length < 4000) {
			closed.push(part);
		}
	}));

	walk(t.node);
	const tests = closed.slice(0, 500).map((part) => test(part, t.at, false));
	const all = tests.length > 0 ? answers(tests) : [];
	const at = tests.findIndex((part, i) => differs(part, all[i]));

	return at < 0 ? t : { ...tests[at], answer: all[at] };
}

// What is written out for their sake must not become large.
function expression() {
	for (;;) {
		const node = make(TYPES[below(TYPES.length)], 3);

		if (node.theirs.length < 4000) {
			return node;
		}
	}
}

const shown = (v) => v ? JSON.stringify(v.kind, (k, one) => typeof one === "bigint" ? `${one}` : k === "$typeName" ? undefined : one) : "an error";
const tally = { agree: 0, refused: 0, differ: 0 };
const known = Object.fromEntries(KNOWN.map(({ name }) => [name, 0]));
let at;
for (let done = 0; done < COUNT; done += BATCH) {
	const tests = [];

	for (let i = done; i < Math.min(COUNT, done + BATCH); i++) {
		at = i % PAYLOAD_SERVES === 0 ? data() : at;
		tests.push(test(expression(), at, i % 2 === 0));
	}
	for (const [i, answer] of answers(tests).entries()) {
		if (answer.verdict === "pass") {
			tally.agree++;
		} else if (!differs(tests[i], answer)) {
			tally.refused++; // by the checker, which the other side does not have, or by both parsers
		} else {
			const part = smallest({ ...tests[i], answer });
			const ask = (text) => evaluate(text, part.at).expected?.kind.value === true;
			const rule = KNOWN.find(({ matches }) => matches(part, ask));

			if (rule) {
				known[rule.name]++;
				continue;
			}
			tally.differ++;
			console.log(`differs: ${part.node.ours}\n  theirs ${shown(part.expected)}${part.node.theirs === part.node.ours ? "" : `   of ${part.node.theirs}`}\n  ours   ${part.answer.verdict} ${part.answer.word}`);
			console.log(`  x ${Buffer.from(part.at.bytes[0]).toString("hex")}\n  y ${Buffer.from(part.at.bytes[1]).toString("hex")}`);
		}
	}
}
for (const [name, count] of Object.entries(counts).filter(([, n]) => n > 0)) {
	console.log(`  ${String(count).padStart(8)} times ${name} was put right: ${BECAUSE[name]}`);
}
for (const { name, because } of KNOWN.filter((rule) => known[rule.name] > 0)) {
	console.log(`  ${String(known[name]).padStart(8)} differ as known, ${name}: ${because}`);
}
console.log(`cel differential, seed ${SEED}: ${tally.agree} agree, ${tally.refused} refused, ${Object.values(known).reduce((a, b) => a + b, 0)} differ as known, ${tally.differ} differ`);
process.exit(tally.differ > 0 ? 1 : 0);
