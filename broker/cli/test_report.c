// SPDX-License-Identifier: Apache-2.0
// A test's record is synthetic, so what differs is printed with its values; `explain` and `map` never print any in their messages.
#include "cli/test_report.h"

#include <string.h>

// ---- words ------------------------------------------------------------------------------------------------------------------

static const char *
place(struct where where, char *text, size_t size)
{
	snprintf(text, size, "%s:%u:%u", where.file == NULL ? "-" : where.file, where.line, where.column);
	return text;
}

static const char *
shown(const struct cmd_call *call, const char *value)
{
	return value == NULL || value[0] == '\0' ? cmd_say(call, "nothing", "nada") : value;
}

// $p path, $c column, $e what was expected, $a what is.
static const struct {
	const char *en, *es;
} sentences[] = {
    [DIFFERS_VALUE] = {"$p: $e expected, $a came out", "$p: se esperaba $e, salió $a"},
    [DIFFERS_EXTRA] = {"$p: nothing expected, $a came out", "$p: no se esperaba nada, salió $a"},
    [DIFFERS_COUNT] = {"$e expected, $a came out", "se esperaban $e, salieron $a"},
    [DIFFERS_WITHHELD] = {"$p: to be withheld ($e), is not ($a)", "$p: debe reservarse ($e), no lo está ($a)"},
    [DIFFERS_ERROR] = {"error: $e expected, $a happened $p", "error: se esperaba $e, ocurrió $a $p"},
    [DIFFERS_AT] = {"the error is at $a, not at $e", "el error está en $a, no en $e"},
    [DIFFERS_RECIPIENT] = {"$p: $e expected, it is: $a", "$p: se esperaba $e, es: $a"},
    [DIFFERS_MISSED] = {"$p: to be missed for $e, is for $a", "$p: debe faltarle por $e, es por $a"},
    [DIFFERS_SIGHT] = {"$p, $c: the matrix says $e, the rules show $a",
	"$p, $c: la matriz dice $e, las reglas muestran $a"},
    [DIFFERS_UNSIGNED] = {"$p: $c sees it ($a), and no row of the matrix has it",
	"$p: $c lo ve ($a) y ninguna fila de la matriz lo tiene"},
    [DIFFERS_NO_COLUMN] = {"$p sees $c ($a) and has no column", "$p ve $c ($a) y no tiene columna"},
    [DIFFERS_LOSS] = {"$p: to be lost: $e; is lost: $a", "$p: debe perderse: $e; se pierde: $a"},
};

static void
print_what(const struct cmd_call *call, const struct trial_difference *d)
{
	const char *text = cmd_say(call, sentences[d->kind].en, sentences[d->kind].es);

	for (; *text != '\0'; text++) {
		if (*text != '$') {
			putchar(*text);
			continue;
		}
		switch (*++text) {
		case 'p':
			fputs(d->path == NULL ? "" : d->path, stdout);
			break;
		case 'c':
			fputs(d->column == NULL ? "" : d->column, stdout);
			break;
		case 'e':
			fputs(shown(call, d->expected), stdout);
			break;
		default:
			fputs(shown(call, d->actual), stdout);
			break;
		}
	}
}

static void
print_difference(const struct cmd_call *call, const struct trial_difference *d)
{
	char text[512];

	printf("      %s: ", place(d->expected_at, text, sizeof(text)));
	if (d->output != SIZE_MAX && d->output > 0) {
		printf("[%zu] ", d->output + 1);
	}
	print_what(call, d);
	putchar('\n');
	if (d->made_by.line > 0) {
		printf("          %s %s", cmd_say(call, "by", "por"), place(d->made_by, text, sizeof(text)));
		if (d->table != NULL) {
			printf(", %s %s", cmd_say(call, "table", "tabla"), d->table);
			printf(" %s", place(d->table_row, text, sizeof(text)));
		}
		if (d->agreement != NULL) {
			printf(", %s %s", cmd_say(call, "agreement", "convenio"), d->agreement);
			printf(" %s", place(d->agreement_at, text, sizeof(text)));
		}
		if (d->read_by.line > 0) {
			printf(", %s %s", cmd_say(call, "back by", "de vuelta por"),
			    place(d->read_by, text, sizeof(text)));
		}
		putchar('\n');
	}
}

// ---- for programs -------------------------------------------------------------------------------------------------------------

static json_t *
json_difference(const struct trial_difference *d)
{
	static const char *const kinds[] = {[DIFFERS_VALUE] = "value",
	    [DIFFERS_EXTRA] = "extra",
	    [DIFFERS_COUNT] = "count",
	    [DIFFERS_WITHHELD] = "withheld",
	    [DIFFERS_ERROR] = "error",
	    [DIFFERS_AT] = "at",
	    [DIFFERS_RECIPIENT] = "recipient",
	    [DIFFERS_MISSED] = "missed",
	    [DIFFERS_SIGHT] = "sight",
	    [DIFFERS_UNSIGNED] = "unsigned",
	    [DIFFERS_NO_COLUMN] = "no_column",
	    [DIFFERS_LOSS] = "loss"};
	json_t *j = json_object();

	json_put_text(j, "kind", kinds[d->kind]);
	json_put_text(j, "path", d->path);
	json_put_text(j, "column", d->column);
	json_put_text(j, "expected", d->expected);
	json_put_text(j, "actual", d->actual);
	json_put_text(j, "table", d->table);
	json_put_text(j, "agreement", d->agreement);
	json_object_set_new(j, "output", d->output == SIZE_MAX ? json_null() : json_integer((json_int_t)d->output));
	json_put_place(j, "expected_at", d->expected_at);
	json_put_place(j, "made_by", d->made_by);
	json_put_place(j, "read_by", d->read_by);
	json_put_place(j, "table_row", d->table_row);
	json_put_place(j, "agreement_at", d->agreement_at);
	return j;
}

static void
add_json(struct test_report *r, const struct trial_result *result)
{
	static const char *const kinds[] = {
	    [TRIAL_CASE] = "case", [TRIAL_MATRIX] = "matrix", [TRIAL_ROUND_TRIP] = "round_trip"};
	json_t *j = json_object(), *differences = json_array();

	json_put_text(j, "tests", result->file->name.text);
	json_put_text(j, "name", result->name);
	json_put_text(j, "kind", kinds[result->kind]);
	json_put_place(j, "at", result->where);
	json_object_set_new(j, "passed", json_boolean(result->count == 0));
	for (size_t i = 0; i < result->count; i++) {
		json_array_append_new(differences, json_difference(&result->differences[i]));
	}
	json_object_set_new(j, "differences", differences);
	json_array_append_new(r->cases, j);
}

// ---- as it goes -------------------------------------------------------------------------------------------------------------------

enum en_err
test_report_begin(struct test_report *r, const struct cmd_call *call)
{
	*r = (struct test_report){.call = call, .cases = call->json ? json_array() : NULL};
	return call->json && r->cases == NULL ? EN_ENOMEM : EN_OK;
}

void
test_report_end_file(struct test_report *r)
{
	if (r->file != NULL && !r->call->json && !r->call->quiet) {
		printf("%-5s %s  %zu %s\n", r->file_failed == 0 ? "ok" : "FAIL", r->file->name.text,
		    r->file_passed + r->file_failed,
		    cmd_noun(r->call, r->file_passed + r->file_failed, "test", "tests", "prueba", "pruebas"));
		(void)fflush(stdout); // a long run shows how far it is; whether it arrived is asked at the end
	}
	r->file_passed = 0;
	r->file_failed = 0;
	r->file = NULL;
}

enum en_err
test_report_add(struct test_report *r, const struct trial_result *result)
{
	bool passed = result->count == 0;
	char text[512];

	if (r->file != result->file) {
		test_report_end_file(r);
		r->file = result->file;
	}
	r->passed += passed;
	r->failed += !passed;
	r->file_passed += passed;
	r->file_failed += !passed;
	if (r->call->json) {
		add_json(r, result);
		return EN_OK;
	}
	if (!passed || r->call->verbose > 0) {
		printf(
		    "  %-4s %s: %s\n", passed ? "ok" : "FAIL", place(result->where, text, sizeof(text)), result->name);
	}
	for (size_t i = 0; i < result->count; i++) {
		print_difference(r->call, &result->differences[i]);
	}
	return EN_OK;
}

// ---- coverage -----------------------------------------------------------------------------------------------------------------------

struct counts {
	size_t reached[COVER_KIND_COUNT], all[COVER_KIND_COUNT], total_reached, total;
};

static struct counts
count(const struct cover_item *items, size_t n)
{
	struct counts c = {.total = n};

	for (size_t i = 0; i < n; i++) {
		c.all[items[i].kind]++;
		c.reached[items[i].kind] += items[i].is_reached;
		c.total_reached += items[i].is_reached;
	}
	return c;
}

// What cover_kind_name calls it, for people.
static const char *
kind_word(const struct cmd_call *call, enum cover_kind kind)
{
	static const char *const spanish[COVER_KIND_COUNT] = {[COVER_LINE] = "línea",
	    [COVER_ARM] = "caso",
	    [COVER_ROW] = "fila",
	    [COVER_VALUE] = "valor",
	    [COVER_ROUTE] = "ruta",
	    [COVER_AGREEMENT] = "convenio",
	    [COVER_SUBSCRIPTION] = "suscripción"};

	return cmd_say(call, cover_kind_name(kind), spanish[kind]);
}

static void
print_row(const char *name, size_t reached, size_t all)
{
	printf("  %s%*s %5zu / %-5zu %5.1f %%\n", name, (int)(14 - text_width(name)), "", reached, all,
	    all == 0 ? 100.0 : 100.0 * (double)reached / (double)all);
}

static void
print_coverage(const struct cmd_call *call, const struct cover_item *items, size_t n)
{
	struct counts c = count(items, n);

	printf("\n%s\n", cmd_say(call, "reached by these tests", "alcanzado por estas pruebas"));
	for (size_t k = 0; k < COVER_KIND_COUNT; k++) {
		print_row(kind_word(call, (enum cover_kind)k), c.reached[k], c.all[k]);
	}
	print_row(cmd_say(call, "all", "todo"), c.total_reached, c.total);
	if (c.total_reached < c.total && !call->quiet) {
		printf("\n%s\n", cmd_say(call, "reached by none", "no alcanzado"));
	}
	for (size_t i = 0; i < n && !call->quiet; i++) {
		char text[512];

		if (!items[i].is_reached) {
			printf("  %s: %s %s\n", place(items[i].where, text, sizeof(text)),
			    kind_word(call, items[i].kind), items[i].what);
		}
	}
}

static json_t *
json_coverage(const struct cover_item *items, size_t n)
{
	struct counts c = count(items, n);
	json_t *j = json_object(), *missing = json_array(), *kinds = json_object();

	for (size_t k = 0; k < COVER_KIND_COUNT; k++) {
		json_object_set_new(kinds, cover_kind_name((enum cover_kind)k),
		    json_pack("{s:I, s:I}", "reached", (json_int_t)c.reached[k], "all", (json_int_t)c.all[k]));
	}
	for (size_t i = 0; i < n; i++) {
		if (!items[i].is_reached) {
			json_t *item = json_object();

			json_put_text(item, "kind", cover_kind_name(items[i].kind));
			json_put_text(item, "what", items[i].what);
			json_put_place(item, "at", items[i].where);
			json_array_append_new(missing, item);
		}
	}
	json_object_set_new(j, "kinds", kinds);
	json_object_set_new(j, "reached", json_integer((json_int_t)c.total_reached));
	json_object_set_new(j, "all", json_integer((json_int_t)c.total));
	json_object_set_new(j, "not_reached", missing);
	return j;
}

enum en_err
test_report_end(struct test_report *r, struct coverage *coverage)
{
	size_t n = 0;
	const struct cover_item *items = coverage == NULL ? NULL : coverage_items(coverage, &n);

	if (r->call->json) {
		json_t *all = json_pack("{s:o, s:I, s:I}", "tests", r->cases, "passed", (json_int_t)r->passed, "failed",
		    (json_int_t)r->failed);

		r->cases = NULL;
		if (all != NULL && coverage != NULL) {
			json_object_set_new(all, "coverage", json_coverage(items, n));
		}
		return json_print(all);
	}
	if (coverage != NULL) {
		print_coverage(r->call, items, n);
	}
	// This line has one form in every language: programs that count tests read it.
	printf("%zu passed, %zu failed\n", r->passed, r->failed);
	return EN_OK;
}
