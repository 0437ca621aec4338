// SPDX-License-Identifier: Apache-2.0
// @bufbuild/cel as the second opinion of cel_differential.cjs, with what it gets wrong put right: one function each, no filter on expressions or results.
// An amendment names the function, says what the language asks for and where that stands, and counts how often their own answer was another one, so that
// one that is needed no more shows itself. What they lack (the extension for numbers) is written here once more, from the specification.
"use strict";
const path = require("path");

// The language definition (google/cel-spec doc/langdef.md), the public suite (google/cel-spec tests/simple), the extension for strings (google/cel-go ext).
const BECAUSE = {
	equal: "the suite: not_lt_dyn_int_big_lossy_double and its like order a whole number and a double as doubles; langdef, Ordering: "
		+ "'e1 <= e2 gives the same result as !(e1 > e2) as well as (e1 < e2) || (e1 == e2)', so equality is that of doubles too",
	order: "langdef, Strings: 'ordered with lexicographic ordering based on the numeric value of the code points'; theirs is by UTF-16 units",
	remainder: "langdef, Overflow: 'Arithmetic operations raise an error when the results exceed the range'; the quotient of the least int and -1 does",
	quotient: "langdef, Overflow: the result must fit its type, uint; theirs refuses quotients of uints beyond the ints",
	from_duration: "langdef, int: no overload takes a duration",
	to_duration: "langdef, duration: the only conversion is from a string",
	duration_text: "langdef, duration: 'should end with s'; theirs takes a text without any unit for none",
	to_timestamp: "the suite, timestamps: an int is seconds since the epoch (theirs reads milliseconds)",
	from_text: "langdef, int, uint, double: texts of numbers; theirs takes the empty text as 0, blanks, other bases, and any text as NaN",
	time_text: "the suite, string(timestamp) and string(duration): as short as it is; theirs pads the fraction to 3, 6 or 9 digits",
	part: "langdef, getFullYear, getMilliseconds: of the instant; theirs takes years before 100 for 1900, midnight in a zone for that of the next day, and rounds to milliseconds",
	has_key: "langdef, in: (A, map(A, B)) -> bool for every key; theirs misses keys whose value is null and refuses null, bytes and lists as keys",
	position: "strings: positions count code points, from 0 to the length; theirs counts UTF-16 units, and refuses the length in indexOf",
	replace: "strings, replace: a negative limit is none, an empty text is found before every character and at the end (theirs does not end)",
	split: "strings, split: a limit leaves the rest in the last part, 0 gives no parts, an empty separator parts code points",
	last_index: "strings, lastIndexOf: 'greater than the length' is an error, the empty text is found where the search starts",
	quote: "strings, quote: the escapes are \\a \\b \\f \\n \\r \\t \\v, quotes and backslashes; theirs escapes NUL too",
	trim: "strings, trim: Unicode's white space alone; theirs leaves one blank of a text of blanks",
};

module.exports = function theirs(folder, load, registry) {
	const cel = load("@bufbuild/cel");
	const { create, toBinary } = load("@bufbuild/protobuf");
	const { TimestampSchema } = load("@bufbuild/protobuf/wkt");
	const inside = (name) => require(path.join(folder, "node_modules/@bufbuild/cel/dist/cjs", name));
	const { TIMESTAMP, DURATION } = inside("type.js");
	const standard = ["std/math.js", "std/cast.js", "std/time.js", "std/logic.js", "ext/strings.js"].flatMap((name) => inside(name).default);
	const { BOOL, BYTES, DOUBLE, DYN, INT, STRING, UINT } = cel.CelScalar;
	const LIST = cel.listType(DYN), MAP = cel.mapType(DYN, DYN);
	const counts = Object.fromEntries(Object.keys(BECAUSE).map((name) => [name, 0]));
	const functions = [...inside("ext/strings.js").default];

	function outcome(implementation, self, args) {
		try {
			return implementation.apply(self, args);
		} catch (e) {
			return undefined; // an error
		}
	}
	const plain = (v) => v === undefined ? "error" : cel.isCelUint(v) ? `${v.value}u` : cel.isCelList(v) ? `[${[...v].map(plain)}]`
		: v?.message ? `${v.message.seconds}.${v.message.nanos}` : `${typeof v} ${v}`;
	// right(self, ...args), with self undefined for a function that is called on nothing. ends: whether theirs can be asked at all.
	function amend(why, name, target, args, result, right, ends = () => true) {
		const made = target ? cel.celMethod(name, target, args, result, run) : cel.celFunc(name, args, result, run);
		const was = standard.find((f) => f.id === made.id);

		function run(...given) {
			const answer = outcome(right, undefined, [this, ...given]);

			counts[why] += !ends(...given) || plain(answer) !== plain(was ? outcome(was._impl, this, given) : undefined) ? 1 : 0;
			if (answer === undefined) {
				throw new Error(BECAUSE[why]);
			}
			return answer;
		}
		functions.push(made);
	}
	const add = (name, args, result, run) => functions.push(cel.celFunc(name, args, result, run));
	const error = (text) => { throw new Error(text); };

	// ---- equality, order, keys -----------------------------------------------------------------------------------------
	const number = (v) => typeof v === "bigint" ? v : cel.isCelUint(v) ? v.value : typeof v === "number" ? v : undefined;
	const { equals } = inside("equals.js");
	function equal(a, b) {
		const x = number(a), y = number(b);

		if (x !== undefined && y !== undefined) {
			return typeof x === typeof y ? x === y : Number(x) === Number(y);
		}
		if (cel.isCelList(a) && cel.isCelList(b)) {
			return a.size === b.size && [...a].every((v, i) => equal(v, b.get(i)));
		}
		if (cel.isCelMap(a) && cel.isCelMap(b)) {
			return a.size === b.size && [...a].every(([k, v]) => [...b].some(([other, w]) => equal(k, other) && equal(v, w)));
		}
		return equals(a, b);
	}
	amend("equal", "_==_", undefined, [DYN, DYN], BOOL, (_, a, b) => equal(a, b));
	amend("equal", "_!=_", undefined, [DYN, DYN], BOOL, (_, a, b) => !equal(a, b));
	amend("equal", "@in", undefined, [DYN, LIST], BOOL, (_, v, list) => [...list].some((item) => equal(item, v)));
	for (const key of [STRING, DOUBLE, INT, BOOL, UINT, DYN]) {
		amend("has_key", "@in", undefined, [key, MAP], BOOL, (_, v, map) => [...map].some(([k]) => equal(k, v)));
	}
	const points = (text) => [...text];
	function compare(a, b) {
		const x = points(a), y = points(b), at = x.findIndex((c, i) => c !== y[i]);

		return at < 0 ? x.length - y.length : y[at] === undefined ? 1 : x[at].codePointAt(0) - y[at].codePointAt(0);
	}
	amend("order", "_<_", undefined, [STRING, STRING], BOOL, (_, a, b) => compare(a, b) < 0);
	amend("order", "_<=_", undefined, [STRING, STRING], BOOL, (_, a, b) => compare(a, b) <= 0);
	amend("order", "_>_", undefined, [STRING, STRING], BOOL, (_, a, b) => compare(a, b) > 0);
	amend("order", "_>=_", undefined, [STRING, STRING], BOOL, (_, a, b) => compare(a, b) >= 0);

	// ---- numbers and conversions ---------------------------------------------------------------------------------------
	const LEAST = -(1n << 63n), MOST = (1n << 63n) - 1n, MOST_UINT = (1n << 64n) - 1n;
	const int = (v) => v >= LEAST && v <= MOST ? v : error("range");
	const uint = (v) => v >= 0n && v <= MOST_UINT ? cel.celUint(v) : error("range");
	amend("remainder", "_%_", undefined, [INT, INT], INT, (_, a, b) => b === 0n || (a === LEAST && b === -1n) ? error("range") : a % b);
	amend("quotient", "_/_", undefined, [UINT, UINT], UINT, (_, a, b) => b.value === 0n ? error("division by zero") : uint(a.value / b.value));
	amend("from_duration", "int", undefined, [DURATION], INT, () => error("no such overload"));
	amend("to_duration", "duration", undefined, [INT], DURATION, () => error("no such overload"));
	const { parseDuration } = inside("duration.js");
	amend("duration_text", "duration", undefined, [STRING], DURATION, (_, s) => /^[-+]?$/.test(s) ? error("conversion") : parseDuration(s));
	const moment = (seconds, nanos) => seconds < -62135596800n || seconds > 253402300799n ? error("range") : create(TimestampSchema, { seconds, nanos });
	amend("to_timestamp", "timestamp", undefined, [INT], TIMESTAMP, (_, s) => moment(s, 0));
	amend("from_text", "int", undefined, [STRING], INT, (_, s) => /^[-+]?[0-9]+$/.test(s) ? int(BigInt(s.replace("+", ""))) : error("conversion"));
	amend("from_text", "uint", undefined, [STRING], UINT, (_, s) => /^[0-9]+$/.test(s) ? uint(BigInt(s)) : error("conversion"));
	amend("from_text", "double", undefined, [STRING], DOUBLE, (_, s) =>
		/^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$|^(NaN|[-+]?Infinity)$/.test(s) ? Number(s) : error("conversion"));

	// ---- times ---------------------------------------------------------------------------------------------------------
	const fraction = (nanos) => nanos === 0 ? "" : `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;
	amend("time_text", "string", undefined, [TIMESTAMP], STRING, (_, t) => {
		const date = new Date(Number(t.message.seconds) * 1000).toISOString(); // years 1 to 9999 have four digits there

		return `${date.slice(0, 19)}${fraction(t.message.nanos)}Z`;
	});
	amend("time_text", "string", undefined, [DURATION], STRING, (_, d) => {
		const { seconds, nanos } = d.message;

		return `${seconds < 0n || nanos < 0 ? "-" : ""}${seconds < 0n ? -seconds : seconds}${fraction(Math.abs(nanos))}s`;
	});
	// Four hundred years are a whole number of weeks and a whole round of the calendar: earlier instants are looked at that much later.
	const ROUND_S = 146097 * 86400, EARLY_S = -55000000000, DAY_MS = 86400000;
	const clocks = new Map();
	function clock(zone) {
		const options = { hourCycle: "h23", timeZone: zone, year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };

		return clocks.get(zone) ?? clocks.set(zone, new Intl.DateTimeFormat("en-US", options)).get(zone);
	}
	// The clock of the zone at the instant, as a Date whose UTC is it.
	function local(seconds, zone) {
		const offset = /^([-+]?)(\d\d):(\d\d)$/.exec(zone);

		if (zone === undefined || zone === "UTC" || zone === "") {
			return new Date(seconds * 1000);
		}
		if (offset) {
			return new Date((seconds + (offset[1] === "-" ? -1 : 1) * (Number(offset[2]) * 3600 + Number(offset[3]) * 60)) * 1000);
		}
		const at = Object.fromEntries(clock(zone).formatToParts(new Date(seconds * 1000)).map(({ type, value }) => [type, Number(value)]));

		return new Date(Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second));
	}
	const PARTS = {
		getFullYear: (d) => d.getUTCFullYear(), getMonth: (d) => d.getUTCMonth(), getDate: (d) => d.getUTCDate(), getDayOfMonth: (d) => d.getUTCDate() - 1, getDayOfWeek: (d) => d.getUTCDay(),
		getDayOfYear: (d) => Math.floor((d.getTime() - Date.UTC(d.getUTCFullYear(), 0, 1)) / DAY_MS), getHours: (d) => d.getUTCHours(), getMinutes: (d) => d.getUTCMinutes(),
		getSeconds: (d) => d.getUTCSeconds(),
	};
	for (const args of [[], [STRING]]) {
		for (const [name, part] of Object.entries(PARTS)) {
			amend("part", name, TIMESTAMP, args, INT, (t, zone) => {
				const early = Number(t.message.seconds) < EARLY_S;

				return BigInt(part(local(Number(t.message.seconds) + (early ? ROUND_S : 0), zone)) - (early && name === "getFullYear" ? 400 : 0));
			});
		}
		amend("part", "getMilliseconds", TIMESTAMP, args, INT, (t) => BigInt(Math.floor(t.message.nanos / 1e6)));
	}

	// ---- strings -------------------------------------------------------------------------------------------------------
	const place = (i, length) => i < 0n || i > BigInt(length) ? error("index") : Number(i);
	const found = (text, sub, at) => sub.every((c, i) => text[at + i] === c);
	function first(text, sub, from) {
		for (let at = from; at + sub.length <= text.length; at++) {
			if (found(text, sub, at)) {
				return BigInt(at);
			}
		}
		return -1n;
	}
	function last(text, sub, from) {
		for (let at = Math.min(from, text.length - sub.length); at >= 0; at--) {
			if (found(text, sub, at)) {
				return BigInt(at);
			}
		}
		return -1n;
	}
	amend("position", "charAt", STRING, [INT], STRING, (s, i) => points(s)[place(i, points(s).length)] ?? "");
	amend("position", "indexOf", STRING, [STRING], INT, (s, sub) => first(points(s), points(sub), 0));
	amend("position", "indexOf", STRING, [STRING, INT], INT, (s, sub, i) => first(points(s), points(sub), place(i, points(s).length)));
	amend("last_index", "lastIndexOf", STRING, [STRING], INT, (s, sub) => last(points(s), points(sub), points(s).length));
	amend("last_index", "lastIndexOf", STRING, [STRING, INT], INT, (s, sub, i) => last(points(s), points(sub), place(i, points(s).length)));
	amend("position", "substring", STRING, [INT], STRING, (s, i) => points(s).slice(place(i, points(s).length)).join(""));
	amend("position", "substring", STRING, [INT, INT], STRING, (s, i, j) => {
		const from = place(i, points(s).length), to = place(j, points(s).length);

		return from > to ? error("start behind end") : points(s).slice(from, to).join("");
	});
	// Parts of the text between separators; at most limit of them, when it is not negative.
	function parts(s, separator, limit) {
		const text = points(s), sub = points(separator), all = [];
		let from = 0;

		if (sub.length === 0) {
			const singles = limit >= 0 && limit < text.length ? text.slice(0, Math.max(limit - 1, 0)) : text.slice(0, -1);

			return text.length === 0 || limit === 0 ? [] : [...singles, text.slice(singles.length).join("")];
		}
		while (limit < 0 || all.length < limit - 1) {
			const at = Number(first(text, sub, from));

			if (at < 0) {
				break;
			}
			all.push(text.slice(from, at).join(""));
			from = at + sub.length;
		}
		return limit === 0 ? [] : [...all, text.slice(from).join("")];
	}
	amend("split", "split", STRING, [STRING], LIST, (s, separator) => cel.celList(parts(s, separator, -1)));
	amend("split", "split", STRING, [STRING, INT], LIST, (s, separator, n) => cel.celList(parts(s, separator, Number(n))));
	function replaced(s, old, next, limit) {
		if (old === "") {
			const text = points(s), most = limit < 0 ? text.length + 1 : limit;

			return text.map((c, i) => (i < most ? next : "") + c).join("") + (text.length < most ? next : "");
		}
		return parts(s, old, limit < 0 ? -1 : limit + 1).join(next);
	}
	amend("replace", "replace", STRING, [STRING, STRING], STRING, (s, old, next) => replaced(s, old, next, -1), (old) => old !== "");
	amend("replace", "replace", STRING, [STRING, STRING, INT], STRING, (s, old, next, n) => replaced(s, old, next, Number(n)), (old) => old !== "");
	const BLANK = "[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*";
	amend("trim", "trim", STRING, [], STRING, (s) => s.replace(new RegExp(`^${BLANK}`), "").replace(new RegExp(`${BLANK}$`), ""));
	const ESCAPED = { "\x07": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\"": "\\\"", "\\": "\\\\" };
	amend("quote", "strings.quote", undefined, [STRING], STRING, (_, s) => `"${points(s).map((c) => ESCAPED[c] ?? c).join("")}"`);
	add("reverse_of", [STRING], STRING, (s) => points(s).reverse().join(""));

	// ---- numbers ext: theirs has none ----------------------------------------------------------------------------------
	const whole = (v) => typeof v === "bigint" ? v : v.value;
	const like = (v, n) => typeof v === "bigint" ? n : cel.celUint(BigInt.asUintN(64, n));
	const order = (a, b) => typeof number(a) === typeof number(b) ? (number(a) < number(b) ? -1 : number(a) > number(b) ? 1 : 0)
		: Number(number(a)) < Number(number(b)) ? -1 : Number(number(a)) > Number(number(b)) ? 1 : 0;
	for (const [name, wanted] of [["math.greatest", 1], ["math.least", -1]]) {
		for (const count of [1, 2, 3]) {
			add(name, Array(count).fill(DYN), DYN, (...all) => all.some((v) => number(v) === undefined || (Number.isNaN(number(v)) && count > 1)) ? error("no order") : all.reduce((best, v) => order(v, best) === wanted ? v : best));
		}
	}
	for (const [name, of] of [["ceil", Math.ceil], ["floor", Math.floor], ["trunc", Math.trunc],
		["round", (d) => Math.sign(d) * (Math.abs(d) - Math.floor(Math.abs(d)) >= 0.5 ? Math.floor(Math.abs(d)) + 1 : Math.floor(Math.abs(d)))]]) {
		add(`math.${name}`, [DOUBLE], DOUBLE, of);
	}
	for (const type of [INT, UINT, DOUBLE]) {
		add("math.sqrt", [type], DOUBLE, (v) => Math.sqrt(Number(number(v))));
	}
	add("math.abs", [DOUBLE], DOUBLE, Math.abs);
	add("math.abs", [INT], INT, (v) => int(v < 0n ? -v : v));
	add("math.abs", [UINT], UINT, (v) => v);
	add("math.sign", [DOUBLE], DOUBLE, (d) => Math.sign(d) + 0);
	add("math.sign", [INT], INT, (v) => v > 0n ? 1n : v < 0n ? -1n : 0n);
	add("math.sign", [UINT], UINT, (v) => cel.celUint(v.value > 0n ? 1n : 0n));
	add("math.isNaN", [DOUBLE], BOOL, Number.isNaN);
	add("math.isInf", [DOUBLE], BOOL, (d) => Math.abs(d) === Infinity);
	add("math.isFinite", [DOUBLE], BOOL, Number.isFinite);
	const signed = (v, n) => like(v, typeof v === "bigint" ? BigInt.asIntN(64, n) : n);
	for (const type of [INT, UINT]) {
		add("math.bitAnd", [type, type], type, (a, b) => signed(a, whole(a) & whole(b)));
		add("math.bitOr", [type, type], type, (a, b) => signed(a, whole(a) | whole(b)));
		add("math.bitXor", [type, type], type, (a, b) => signed(a, whole(a) ^ whole(b)));
		add("math.bitNot", [type], type, (a) => signed(a, ~whole(a)));
		add("math.bitShiftLeft", [type, INT], type, (a, by) => by < 0n ? error("shift") : by > 63n ? like(a, 0n) : signed(a, whole(a) << by));
		add("math.bitShiftRight", [type, INT], type, (a, by) => by < 0n ? error("shift") : by > 63n ? like(a, 0n) : signed(a, BigInt.asUintN(64, whole(a)) >> by));
	}

	// ---- what macros of two variables become (cel_differential_expressions.cjs) --------------------------------------------
	add("is_zero", [DYN], BOOL, (v) => v === null || v === "" || v === false || (number(v) !== undefined && Number(number(v)) === 0) || v.size === 0 || v.length === 0
		|| (v.message !== undefined && toBinary(v.desc, v.message).length === 0));
	add("indices", [LIST], LIST, (list) => cel.celList([...list].map((_, i) => BigInt(i))));
	add("indices", [MAP], LIST, (map) => cel.celList([...map].map(([key]) => key)));
	add("map_of", [LIST], MAP, (pairs) => {
		const map = new Map([...pairs].map((pair) => [pair.get(0), pair.get(1)]));

		return map.size === pairs.size ? cel.celMap(map) : error("repeated key");
	});

	return {
		cel, counts, BECAUSE,
		environment: cel.celEnv({ registry, funcs: functions, namespace: "cel.expr.conformance.proto3" }),
	};
};
