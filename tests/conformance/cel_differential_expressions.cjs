// SPDX-License-Identifier: Apache-2.0
// Random expressions and random payloads for cel_differential.cjs. An expression is made twice: as our text and as theirs. The two are the same but where
// they lack a macro or a type: a loop with two variables becomes one over indices or keys, cel.bind() its value written out, an optional value a list of
// one item or none. `x` is a proto3 message, `y` a proto2 one, both read from the wire.
"use strict";

module.exports = function expressions(load, registry, below) {
	const { create, toBinary, ScalarType } = load("@bufbuild/protobuf");
	const { BinaryWriter, WireType } = load("@bufbuild/protobuf/wire");
	const { anyPack } = load("@bufbuild/protobuf/wkt");
	const PROTO3 = registry.getMessage("cel.expr.conformance.proto3.TestAllTypes");
	const PROTO2 = registry.getMessage("cel.expr.conformance.proto2.TestAllTypes");
	const pick = (list) => list[below(list.length)];
	const chance = (one_in) => below(one_in) === 0;

	// ---- nodes: our text, theirs, the parts, the free variables --------------------------------------------------------
	function e(strings, ...parts) {
		const text = (dialect) => strings.map((s, i) => s + (i < parts.length ? (typeof parts[i] === "object" ? parts[i][dialect] : parts[i]) : "")).join("");
		const nodes = parts.filter((p) => typeof p === "object");

		return { ours: text("ours"), theirs: text("theirs"), parts: nodes, free: new Set(nodes.flatMap((n) => [...n.free])) };
	}
	const both = (ours, theirs) => ({ ...ours, theirs: theirs.theirs });
	// A piece that is no expression by itself.
	const piece = (node) => ({ ...node, isPiece: true });
	// A node that binds variables. turns: what each stands for in the first turns of the loop, so that a part of it can be asked alone.
	const bound = (node, ...turns) => ({ ...node, turns, free: new Set([...node.free].filter((name) => !(name in turns[0]))) });
	const same = (text) => ({ ours: text, theirs: text });
	const items = (range, ...names) => [0, 1, 2].map((k) => Object.fromEntries(names.map((name, i) => [name, names.length === 2 && i === 0 ? same(`${k}`)
		: { ours: `(${range.ours})[${k}]`, theirs: `(${range.theirs})[${k}]` }])));
	const keys = (range, ...names) => ["a", "ab", "b"].map((key) => Object.fromEntries(names.map((name, i) => [name, i === 0 ? same(`'${key}'`)
		: { ours: `(${range.ours})['${key}']`, theirs: `(${range.theirs})['${key}']` }])));
	let variables = 0;
	// theirs: a node that stands for it in their text.
	const variable = (type, theirs) => {
		const name = `v${variables++ % 100}`;

		return { type, ours: name, theirs: theirs?.theirs ?? name, parts: [], free: new Set([name, ...theirs?.free ?? []]), name };
	};

	// ---- literals ------------------------------------------------------------------------------------------------------
	const CHARACTERS = ["a", "b", "B", "1", " ", ",", ".", "-", "x", "\u00e9", "\u00f1", "\u4e2d", "\u{1f600}", "\ufb01", "\t", "'", "\\", "%"];
	const ESCAPES = { "\t": "\\t", "'": "\\'", "\\": "\\\\" };
	const characters = (most) => Array.from({ length: below(most + 1) }, () => pick(CHARACTERS));
	function escaped(c) {
		const code = c.codePointAt(0);

		switch (below(6)) {
		case 0: return `\\U${code.toString(16).padStart(8, "0")}`;
		case 1: return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : c;
		case 2: return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : c;
		case 3: return code < 0x100 ? `\\${code.toString(8).padStart(3, "0")}` : c;
		default: return ESCAPES[c] ?? c;
		}
	}
	const text = (chars) => `'${chars.map((c) => chance(4) ? escaped(c) : ESCAPES[c] ?? c).join("")}'`;
	const octet = () => chance(2) ? `\\x${below(256).toString(16).padStart(2, "0")}` : pick(["a", "b", "\\377", "\\000", "\\n"]);
	const digits = (n) => String(n).padStart(2, "0");
	function instant() {
		const fraction = pick(["", "", ".5", ".125", ".999999999", ".000001", ".123456789"]);
		const zone = pick(["Z", "Z", "+05:30", "-06:00"]);

		return `timestamp('${String(pick([1, 2, 99, 1000, 1582, 1900, 1969, 1970, 1999, 2009, 2024, 2026, 2100, 9998])).padStart(4, "0")}-${digits(1 + below(12))}-${
			digits(1 + below(28))}T${digits(below(24))}:${digits(below(60))}:${digits(below(60))}${fraction}${zone}')`;
	}
	const span = () => `duration('${pick(["", "-", "+"])}${pick(["0s", "90s", "1.125s", "1h", "1h30m", "250ms", "1.5h", "7us", "3ns", "100000h", "2562047h", "0"])}')`;
	const LITERALS = {
		int: () => pick(["0", "1", "2", "-1", "7", "0x1f", "-0x10", "100", "2147483647", "-2147483649", "9007199254740993", "9223372036854775807", "-9223372036854775808"]),
		uint: () => pick(["0u", "1u", "3u", "0xFFu", "4294967296u", "9007199254740993u", "18446744073709551615u"]),
		double: () => pick(["0.0", "1.0", "-1.5", "2.5", ".5", "1e10", "1e-5", "123.456", "-0.0", "1e308", "5e-324", "9223372036854775807.0", "18446744073709551615.0", "(0.0 / 0.0)", "(1.0 / 0.0)"]),
		string: () => pick([() => text(characters(6)), () => text(characters(2)), () => `r'${characters(4).filter((c) => c !== "'" && c !== "\\").join("")}'`, () => `"""a\n'b'"""`, () => "'a,b,c'"])(),
		bytes: () => `b'${Array.from({ length: below(5) }, octet).join("")}'`,
		bool: () => pick(["true", "false"]),
		list: () => pick(["[]", "[1]", "[1, 2, 3]", "[3, 1, 2]", "[2, 2]"]),
		strings: () => pick(["[]", "['a']", "['b', 'a', 'b']", "['x', '\u00e9\u{1f600}']"]),
		map: () => pick(["{}", "{'a': 1}", "{'a': 1, 'ab': 2, 'b': 3}"]),
		timestamp: instant, duration: span,
		optional: () => "", nested: () => "TestAllTypes.NestedMessage{bb: 3}", message: () => "TestAllTypes{}",
	};
	const NUMBERS = ["1", "-12", "007", "18446744073709551615", "-9223372036854775808", "9223372036854775808", "1.5", "-2.5e3", ".5", "1e400", "NaN", "Infinity", "", " 1", "1 ", "0x1f", "+3", "a", "1u"];

	// ---- fields: what the schemas have, by the type that reading them gives ----------------------------------------------
	const FIELDS = {};
	const add = (type, textOf) => (FIELDS[type] ??= []).push(textOf);
	const OF_SCALAR = {
		[ScalarType.DOUBLE]: "double", [ScalarType.FLOAT]: "double", [ScalarType.BOOL]: "bool", [ScalarType.STRING]: "string", [ScalarType.BYTES]: "bytes",
		[ScalarType.UINT32]: "uint", [ScalarType.UINT64]: "uint", [ScalarType.FIXED32]: "uint", [ScalarType.FIXED64]: "uint",
	};
	const typeOf = (scalar) => OF_SCALAR[scalar] ?? "int";
	const WELL_KNOWN = {
		Timestamp: "timestamp", Duration: "duration", Int32Value: "int", Int64Value: "int", UInt32Value: "uint", UInt64Value: "uint", DoubleValue: "double",
		FloatValue: "double", StringValue: "string", BytesValue: "bytes", BoolValue: "bool",
	};
	const messageType = (m) => m.typeName.startsWith("google.protobuf.") ? WELL_KNOWN[m.name] : m.typeName.endsWith(".NestedMessage") ? "nested" : undefined;
	const KEYS = { int: "int", uint: "uint", bool: "bool", string: "string" };
	const usable = (f) => !["in", "nested_type"].includes(f.name) && f.name !== "single_uint64_wrapper_";
	function learn(root, schema) {
		for (const f of schema.fields.filter(usable)) {
			const path = `${root}.${f.name}`;

			add("presence", path);
			if (f.fieldKind === "scalar") {
				add(typeOf(f.scalar), path);
			} else if (f.fieldKind === "enum" && f.enum.typeName !== "google.protobuf.NullValue") {
				add("int", path);
			} else if (f.fieldKind === "message" && messageType(f.message)) {
				add(messageType(f.message), path);
			} else if (f.fieldKind === "list" && f.listKind === "scalar" && typeOf(f.scalar) === "int") {
				add("list", path);
			} else if (f.fieldKind === "list" && f.listKind === "scalar" && typeOf(f.scalar) === "string") {
				add("strings", path);
			} else if (f.fieldKind === "list" && f.listKind === "message" && messageType(f.message)) {
				add(messageType(f.message), (d) => e`${e`${path}`}[${sub("int", d)}]`);
			} else if (f.fieldKind === "map" && typeOf(f.mapKey) === "string" && f.mapKind === "scalar" && typeOf(f.scalar) === "int") {
				add("map", path);
			} else if (f.fieldKind === "map" && f.mapKind === "scalar") {
				add(typeOf(f.scalar), (d) => e`${e`${path}`}[${make(KEYS[typeOf(f.mapKey)], d - 1)}]`);
			}
		}
	}
	learn("x", PROTO3);
	learn("y", PROTO2);
	add("int", "TestAllTypes.NestedEnum.BAZ");
	add("int", "GlobalEnum.GAZ");
	add("double", "x.single_struct.n");
	add("string", "x.single_struct['s']");
	add("int", "x.single_any.bb");
	for (const f of ["nested", "standalone"]) {
		add("int", f === "nested" ? "x.single_nested_message.bb" : "x.standalone_message.bb");
	}

	// ---- makers --------------------------------------------------------------------------------------------------------
	let scope = [];
	const within = (added, run) => {
		const before = scope;

		scope = [...scope, ...added];
		try {
			return run();
		} finally {
			scope = before;
		}
	};
	const sub = (type, depth) => make(chance(40) ? pick(TYPES) : type, depth - 1);
	const only = (type, depth) => make(type, depth - 1);
	const binary = (type, operators, d) => e`(${sub(type, d)} ${pick(operators)} ${sub(type, d)})`;
	const ORDERED = ["int", "uint", "double", "string", "bytes", "bool", "timestamp", "duration"];
	// Zones whose past is the same in every edition of the data of these years (Tijuana's before 1976 is not).
	const ZONES = ["America/Mexico_City", "America/Bogota", "America/St_Johns", "Europe/Madrid", "Asia/Kolkata", "Australia/Lord_Howe", "America/Caracas", "Pacific/Apia", "UTC", "-06:00", "+05:45", "14:00"];
	const GETTERS = ["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds"];
	const numeric = () => pick(["int", "uint", "double"]);
	const numberText = (d) => chance(3) ? only("string", d) : e`'${pick(NUMBERS)}'`;
	const conditional = (type) => (d) => e`(${sub("bool", d)} ? ${sub(type, d)} : ${sub(type, d)})`;
	const bind = (type) => (d) => {
		const of = pick(["int", "string", "list"]), value = only(of, d), v = variable(of, e`(${value})`);
		const body = within([v], () => make(type, d - 1)), node = e`cel.bind(${v.name}, ${value}, ${body})`;

		return bound({ ...node, theirs: `(${body.theirs})`, parts: [value, body] }, { [v.name]: { ours: `(${value.ours})`, theirs: `(${value.theirs})` } });
	};
	// A loop over a list of ints, a list of strings or the keys of a map, with one variable or two.
	function loop(macros, made, d) {
		const over = pick(["list", "strings", "map"]), range = sub(over, d), item = over === "list" ? "int" : "string", macro = pick(macros);

		if (chance(2)) {
			const v = variable(item), body = within([v], () => make(made ?? item, d - 1));

			return bound(e`${range}.${macro}(${v.name}, ${body})`, ...(over === "map" ? keys(range, v.name) : items(range, v.name)));
		}
		const i = variable(over === "map" ? "string" : "int"), v = variable(over === "map" ? "int" : item, e`(${range})[${i}]`);
		const body = within([i, v], () => make(made ?? item, d - 1));

		return bound(both(e`${range}.${macro}(${i.name}, ${v.name}, ${body})`, e`indices(${range}).${macro}(${i.name}, ${body})`), ...(over === "map" ? keys(range, i.name, v.name) : items(range, i.name, v.name)));
	}
	// A list made item by item: with a condition or without, of one variable or two.
	function transformed(item, d) {
		const range = sub(item === "int" ? "list" : "strings", d), two = chance(2), guard = chance(2);
		const i = variable("int"), v = variable(item, two ? e`(${range})[${i}]` : undefined), added = two ? [i, v] : [v];
		const body = within(added, () => make(item, d - 1)), condition = guard ? within(added, () => make("bool", d - 1)) : undefined;
		const over = two ? e`indices(${range})` : range, name = two ? i.name : v.name;
		const theirs = guard ? e`${over}.map(${name}, ${condition}, ${body})` : e`${over}.map(${name}, ${body})`;
		const ours = !two ? theirs : guard ? e`${range}.transformList(${i.name}, ${v.name}, ${condition}, ${body})` : e`${range}.transformList(${i.name}, ${v.name}, ${body})`;

		return bound(both(ours, theirs), ...(two ? items(range, i.name, v.name) : items(range, v.name)));
	}
	function transformedMap(d) {
		const range = only("map", d), k = variable("string"), v = variable("int", e`(${range})[${k}]`), body = within([k, v], () => make("int", d - 1));

		return bound(both(e`${range}.transformMap(${k.name}, ${v.name}, ${body})`, e`map_of(indices(${range}).map(${k.name}, [dyn(${k.name}), dyn(${body})]))`), ...keys(range, k.name, v.name));
	}
	const PATTERN = [
		"a", "b", "\u00e9", ".", "[a-c]", "[^b]", "\\d", "\\w", "\\s", "\\D", "\\W", "\\b", "[[:alpha:]]", "[\u00e0-\u00ff]", "[ -\u00ff]", "\\x{1f600}", "\\.", "(?i)A", "x", "[\\d,]",
	];
	function pattern(depth) {
		const one = () => depth > 0 && chance(4) ? `(${chance(2) ? "?:" : ""}${pattern(depth - 1)})` : pick(PATTERN);
		const many = () => `${one()}${pick(["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?"])}`.replace(/^(\\b|\(\?i\)A)([*+?{].*)$/, "$1");
		const row = () => `${chance(5) ? "^" : ""}${Array.from({ length: 1 + below(3) }, many).join("")}${chance(5) ? "$" : ""}`;

		return chance(4) ? `${row()}|${row()}` : row();
	}
	const FORMATS = [["%s", "int"], ["%s", "string"], ["%s", "bool"], ["%s", "list"], ["%d", "int"], ["%d", "uint"], ["%x", "int"], ["%X", "string"], ["%b", "int"], ["%o", "uint"], ["%x", "bytes"], ["%s", "null"]];
	function formatted(d) {
		const clauses = Array.from({ length: below(3) + 1 }, () => pick(FORMATS));
		const args = clauses.map(([, type]) => type === "null" ? e`null` : only(type, d)).reduce((all, a) => piece(all ? e`${all}, dyn(${a})` : e`dyn(${a})`), undefined);

		return e`'${clauses.map(([clause]) => `${clause}${pick(["", " ", "%%"])}`).join("")}'.format([${args}])`;
	}
	function built(d) {
		const fields = Array.from({ length: below(3) }, () => pick([["single_int32", "int"], ["single_int64", "int"], ["single_uint32", "uint"], ["single_float", "double"], ["single_double", "double"],
			["single_string", "string"], ["single_bytes", "bytes"], ["single_bool", "bool"], ["standalone_enum", "enum"], ["repeated_int64", "list"], ["repeated_string", "strings"], ["map_string_int64", "map"],
			["single_timestamp", "timestamp"], ["single_duration", "duration"], ["single_int64_wrapper", "int"], ["standalone_message", "nested"], ["single_nested_message", "nested"],
			["single_any", "nested"], ["single_value", "string"], ["single_struct", "map"], ["list_value", "strings"]]));
		const closed = chance(3); // proto2's enums are: theirs takes no number without a name there, which the language leaves open
		const one = (type) => type !== "enum" ? only(type, d) : closed ? e`${pick(["0", "1", "2"])}` : only("int", d);
		const once = [...new Map(fields).entries()].map(([name, type]) => ({ ...piece(e`${name}: ${chance(20) && type !== "enum" ? sub("int", d) : one(type)}`), type, name }));

		const built = e`${closed ? "cel.expr.conformance.proto2." : ""}TestAllTypes{${once.reduce((all, f) => all ? piece(e`${all}, ${f}`) : f, undefined) ?? ""}}`;

		return { ...built, fields: once.map(({ type, name, parts }) => [type, parts[0], name]) };
	}

	const SOME = {
		int: [
			(d) => binary("int", ["+", "-", "*", "/", "%"], d), (d) => e`size(${sub(pick(["string", "bytes", "list", "map"]), d)})`, (d) => e`-(${only("int", d)} + 0)`,
			(d) => e`int(${only(pick(["int", "uint", "double", "timestamp", "duration"]), d)})`, (d) => e`int(${numberText(d)})`, (d) => e`${sub("list", d)}[${only("int", d)}]`,
			(d) => e`${sub("timestamp", d)}.${pick(GETTERS)}()`, (d) => e`${sub("timestamp", d)}.${pick(GETTERS)}('${pick(ZONES)}')`,
			(d) => e`${sub("string", d)}.${pick(["indexOf", "lastIndexOf"])}(${sub("string", d)})`, (d) => e`${sub("string", d)}.${pick(["indexOf", "lastIndexOf"])}(${sub("string", d)}, ${sub("int", d)})`,
			(d) => e`${sub("duration", d)}.${pick(["getHours", "getMinutes", "getSeconds", "getMilliseconds"])}()`, (d) => e`${sub("map", d)}[${sub("string", d)}]`, (d) => e`${sub("nested", d)}.bb`,
			(d) => e`${sub("message", d)}.single_int32`, (d) => e`math.${pick(["abs", "sign", "bitNot"])}(${only("int", d)})`,
			(d) => e`math.${pick(["bitAnd", "bitOr", "bitXor", "bitShiftLeft", "bitShiftRight", "greatest", "least"])}(${only("int", d)}, ${only("int", d)})`,
			(d) => { const o = only("optional", d), other = sub("int", d); return both(e`${o}.orValue(${other})`, e`(size(${o}) > 0 ? ${o}[0] : ${other})`); },
			(d) => { const o = only("optional", d); return both(e`${o}.value()`, e`${o}[0]`); },
		],
		uint: [
			(d) => binary("uint", ["+", "-", "*", "/", "%"], d), (d) => e`uint(${only(pick(["int", "uint", "double"]), d)})`, (d) => e`uint(${numberText(d)})`,
			(d) => e`math.${pick(["bitAnd", "bitOr", "bitXor", "greatest", "least"])}(${only("uint", d)}, ${only("uint", d)})`, (d) => e`math.${pick(["abs", "sign", "bitNot"])}(${only("uint", d)})`,
			(d) => e`math.${pick(["bitShiftLeft", "bitShiftRight"])}(${only("uint", d)}, ${only("int", d)})`,
		],
		double: [
			(d) => binary("double", ["+", "-", "*", "/"], d), (d) => e`-(${only("double", d)} + 0.0)`, (d) => e`double(${only(pick(["int", "uint", "double"]), d)})`, (d) => e`double(${numberText(d)})`,
			(d) => e`math.${pick(["ceil", "floor", "round", "trunc", "abs", "sign"])}(${only("double", d)})`, (d) => e`math.sqrt(${only(numeric(), d)})`,
			(d) => e`double(math.${pick(["greatest", "least"])}(${only(numeric(), d)}, ${only(numeric(), d)}, ${only(numeric(), d)}))`,
		],
		string: [
			(d) => binary("string", ["+"], d), (d) => e`string(${only(pick(["int", "uint", "bool", "string", "double", "timestamp", "duration", "bytes"]), d)})`,
			(d) => e`${sub("string", d)}.substring(${sub("int", d)})`, (d) => e`${sub("string", d)}.substring(${sub("int", d)}, ${sub("int", d)})`,
			(d) => e`${sub("string", d)}.${pick(["lowerAscii", "upperAscii", "trim"])}()`, (d) => e`${sub("string", d)}.charAt(${sub("int", d)})`, (d) => e`${sub("strings", d)}[${sub("int", d)}]`,
			(d) => e`${sub("strings", d)}.join(${sub("string", d)})`, (d) => e`${sub("strings", d)}.join()`, (d) => e`${sub("string", d)}.replace(${sub("string", d)}, ${sub("string", d)})`,
			(d) => e`${sub("string", d)}.replace(${sub("string", d)}, ${sub("string", d)}, ${sub("int", d)})`, formatted, (d) => e`strings.quote(${sub("string", d)})`,
			(d) => { const s = only("string", d); return both(e`${s}.reverse()`, e`reverse_of(${s})`); },
		],
		bytes: [(d) => binary("bytes", ["+"], d), (d) => e`bytes(${only("string", d)})`],
		bool: [
			(d) => binary("bool", ["&&", "||", "==", "!="], d), (d) => binary("bool", ["&&", "||"], d), (d) => e`!${sub("bool", d)}`,
			(d) => binary(pick(ORDERED), ["<", "<=", ">", ">=", "==", "!="], d), (d) => e`(${sub("int", d)} in ${sub("list", d)})`, (d) => e`(${sub(pick(TYPES), d)} in ${sub("map", d)})`,
			(d) => e`${sub("string", d)}.${pick(["contains", "startsWith", "endsWith"])}(${sub("string", d)})`, (d) => loop(["all", "exists", "exists_one"], "bool", d),
			(d) => e`${sub("string", d)}.matches(r'${pattern(2)}')`, (d) => binary(pick(["list", "strings", "map", "nested", "message"]), ["==", "!="], d),
			(d) => e`(type(${sub(pick(TYPES.filter((t) => t !== "optional")), d)}) == ${pick(["int", "uint", "double", "string", "bytes", "bool", "list", "map", "null_type", "google.protobuf.Timestamp"])})`,
			(d) => e`(dyn(${sub(numeric(), d)}) ${pick(["<", "<=", "==", "!=", ">=", ">"])} ${sub(numeric(), d)})`, (d) => e`(${only(numeric(), d)} in [dyn(${only(numeric(), d)}), ${only(numeric(), d)}])`,
			(d) => e`bool(${only(pick(["string", "bool"]), d)})`, () => e`has(${presence()})`, (d) => e`has((${sub("map", d)}).a)`, (d) => e`(${presence()} == ${pick(["null", "[]", "{}"])})`,
			(d) => e`math.${pick(["isNaN", "isInf", "isFinite"])}(${only("double", d)})`, (d) => { const o = only("optional", d); return both(e`${o}.hasValue()`, e`(size(${o}) > 0)`); },
			(d) => { const a = only("optional", d), b = only("optional", d); return e`(${a} == ${b})`; }, (d) => e`(1 / ${sub("int", d)} > 0 || ${sub("bool", d)})`,
		],
		list: [
			(d) => binary("list", ["+"], d), (d) => e`[${sub("int", d)}, ${sub("int", d)}]`, (d) => transformed("int", d),
			(d) => { const v = variable("int"), range = sub("list", d), body = within([v], () => make("bool", d - 1)); return bound(e`${range}.filter(${v.name}, ${body})`, ...items(range, v.name)); },
		],
		strings: [
			(d) => binary("strings", ["+"], d), (d) => e`[${sub("string", d)}, ${sub("string", d)}]`, (d) => transformed("string", d), (d) => e`${sub("string", d)}.split(${sub("string", d)})`,
			(d) => e`${sub("string", d)}.split(${sub("string", d)}, ${sub("int", d)})`,
		],
		map: [(d) => e`{${sub("string", d)}: ${sub("int", d)}, ${sub("string", d)}: ${sub("int", d)}}`, transformedMap],
		timestamp: [(d) => e`(${sub("timestamp", d)} ${pick(["+", "-"])} ${sub("duration", d)})`, (d) => e`timestamp(string(${sub("timestamp", d)}))`, (d) => e`timestamp(${sub("int", d)})`, (d) => e`(${sub("duration", d)} + ${sub("timestamp", d)})`],
		duration: [(d) => binary("duration", ["+", "-"], d), (d) => e`(${sub("timestamp", d)} - ${sub("timestamp", d)})`, (d) => e`duration(string(${sub("duration", d)}))`],
		optional: [
			(d) => { const a = sub("int", d); return both(e`optional.of(${a})`, e`[${a}]`); }, () => both(e`optional.none()`, e`[]`),
			(d) => { const l = only("list", d), i = only("int", d); return both(e`${l}[?${i}]`, e`(size(${l}) < 0 ? [] : ${i} >= 0 && ${i} < size(${l}) ? [${l}[${i}]] : [])`); },
			(d) => { const m = only("map", d), k = only("string", d); return both(e`${m}[?${k}]`, e`(${k} in ${m} ? [${m}[${k}]] : [])`); },
			() => { const f = pick(FIELDS.int.filter((p) => typeof p === "string" && /^[xy]\.single_s?f?int/.test(p))); return both(e`${f[0]}.?${f.slice(2)}`, e`(has(${f}) ? [${f}] : [])`); },
			(d) => { const a = only("optional", d), b = only("optional", d); return both(e`${a}.or(${b})`, e`(size(${a}) > 0 ? ${a} : ${b})`); },
			(d) => { const o = only("optional", d), v = variable("int"), body = within([v], () => make("int", d - 1)); return bound(both(e`${o}.optMap(${v.name}, ${body})`, e`${o}.map(${v.name}, ${body})`), { [v.name]: { ours: `${o.ours}.value()`, theirs: `${o.theirs}[0]` } }); },
			(d) => { const a = only("int", d); return both(e`optional.ofNonZeroValue(${a})`, e`(is_zero(${a}) ? [] : [${a}])`); },
		],
		nested: [(d) => { const bb = sub("int", d); return { ...e`TestAllTypes.NestedMessage{bb: ${bb}}`, fields: [["int", bb]] }; }, (d) => e`${sub("message", d)}.standalone_message`],
		message: [built, () => e`x`, () => e`y`],
	};
	const TYPES = Object.keys(SOME).filter((t) => t !== "optional");
	for (const type of TYPES.filter((t) => !["nested", "message"].includes(t))) {
		SOME[type].push(conditional(type), bind(type));
	}
	function presence() {
		return pick(FIELDS.presence);
	}

	function make(type, depth) {
		const here = scope.filter((v) => v.type === type);

		if (here.length > 0 && chance(3)) {
			return pick(here);
		}
		if (type === "optional" || (depth > 0 && !chance(5))) {
			const node = pick(type === "optional" && depth <= 0 ? SOME.optional.slice(0, 2) : SOME[type])(Math.max(depth, 1));

			return type === "optional" ? piece(node) : node; // it has no value that both sides know
		}
		const field = FIELDS[type] && chance(2) ? pick(FIELDS[type]) : undefined;

		return typeof field === "function" ? field(depth) : e`${field ?? LITERALS[type]()}`;
	}

	// ---- payloads: fields in any order, some of them twice, some as no encoder of today writes them --------------------------
	const WHOLE = [0, 1, -1, 7, 2147483647, -2147483648];
	function scalar(type) {
		switch (typeOf(type)) {
		case "double": return pick([0, -0, 1.5, -2.25, 1e10, Infinity]);
		case "bool": return chance(2);
		case "string": return characters(5).join("");
		case "bytes": return Uint8Array.from({ length: below(4) }, () => below(256));
		case "uint": return type === ScalarType.UINT64 || type === ScalarType.FIXED64 ? pick([0n, 1n, 9007199254740993n, 18446744073709551615n]) : pick([0, 1, 4294967295]);
		default: return [ScalarType.INT64, ScalarType.SINT64, ScalarType.SFIXED64].includes(type) ? pick([0n, 1n, -1n, 9223372036854775807n, -9223372036854775808n]) : pick(WHOLE);
		}
	}
	function message(m, depth) {
		if (m.typeName === "google.protobuf.Timestamp") {
			return create(m, { seconds: pick([0n, 1234567890n, -62135596800n, 253402300799n, 1700000000n]), nanos: pick([0, 500000000, 999999999]) });
		}
		if (m.typeName === "google.protobuf.Duration") {
			return create(m, pick([{ seconds: 90n, nanos: 125000000 }, { seconds: -1n, nanos: -500000000 }, { seconds: 0n, nanos: 0 }]));
		}
		if (m.typeName === "google.protobuf.Any") {
			const inner = registry.getMessage("cel.expr.conformance.proto3.TestAllTypes.NestedMessage");

			return anyPack(inner, create(inner, { bb: pick(WHOLE) }));
		}
		const made = create(m);

		if (depth > 0) {
			for (const f of m.fields.filter((one) => one.fieldKind === "scalar" && usable(one))) {
				if (m.fields.length < 4 || chance(6)) {
					set(made, f, depth);
				}
			}
		}
		return made;
	}
	function set(target, f, depth) {
		const holder = (value) => { if (f.oneof && f.oneof.fields.length > 1) { target[f.oneof.localName] = { case: f.localName, value }; } else { target[f.localName] = value; } };
		const key = () => ({ string: () => pick(["a", "b", ""]), bool: () => String(chance(2)), int: () => String(pick([0, 1, -1])), uint: () => String(pick([0, 1])) })[typeOf(f.mapKey)]();
		const wrapper = (m) => m.typeName.endsWith("Value") && m.fields.length === 1 && m.typeName.startsWith("google.protobuf.") && m.fields[0].fieldKind === "scalar";
		const one = (m) => wrapper(m) ? scalar(m.fields[0].scalar) : message(m, depth - 1);

		switch (f.fieldKind) {
		case "scalar": holder(scalar(f.scalar)); break;
		case "enum": holder(pick([...f.enum.values.map((v) => v.number), f.enum.open ? 99 : f.enum.values[0].number])); break;
		case "message": holder(f.message.typeName === "google.protobuf.Struct" ? { n: 1.5, s: "t", l: [1, null], m: {} } : one(f.message)); break;
		case "list": target[f.localName] = Array.from({ length: below(4) }, () => f.listKind === "scalar" ? scalar(f.scalar) : f.listKind === "enum" ? f.enum.values[below(f.enum.values.length)].number
			: wrapper(f.message) ? create(f.message, { value: scalar(f.message.fields[0].scalar) }) : message(f.message, depth - 1)); break;
		default: target[f.localName] = f.mapKind === "scalar" ? { [key()]: scalar(f.scalar), [key()]: scalar(f.scalar) } : {};
		}
	}
	// As an older or another encoder may write it: a whole number with more bits than its type, a list item by item, a field that nobody knows.
	function odd(schema) {
		const writer = new BinaryWriter(), f = pick(schema.fields.filter((one) => usable(one) && (one.fieldKind === "scalar" || one.fieldKind === "list") && [ScalarType.INT32, ScalarType.UINT32, ScalarType.INT64, ScalarType.BOOL].includes(one.scalar)));

		if (chance(4)) {
			return writer.tag(3000 + below(3), WireType.Varint).int32(pick(WHOLE)).finish();
		}
		for (let i = f.fieldKind === "list" ? 1 + below(3) : 1; i > 0; i--) {
			writer.tag(f.number, WireType.Varint).uint64(pick([0n, 1n, 2n, 4294967296n, 4294967297n, 18446744073709551615n]));
		}
		return writer.finish();
	}
	const skipped = (f) => !usable(f) || (f.message && ["ListValue", "Value", "FieldMask", "Empty"].includes(f.message.name)) || f.delimitedEncoding;
	function payload(schema) {
		const pieces = [];

		for (let i = below(25); i > 0; i--) {
			const f = pick(schema.fields.filter((one) => !skipped(one))), part = create(schema);

			if (chance(8)) {
				pieces.push(odd(schema));
				continue;
			}
			set(part, f, 2);
			pieces.push(toBinary(schema, part));
		}
		return Buffer.concat(pieces.map((p) => Buffer.from(p)));
	}

	return { PROTO2, PROTO3, payload, make: (type, depth) => { scope = []; return make(type, depth); }, TYPES };
};
