// SPDX-License-Identifier: Apache-2.0
// What is lost comes first. Texts are told by field paths and lines; values of the record only when they are asked for.
#include "cli/json_out.h"
#include "cli/round_trip.h"

static const struct {
	const char *code, *en, *es;
} states[TRIP_COUNT] = {
    [TRIP_LOST] = {"lost", "lost", "perdido"},
    [TRIP_CHANGED] = {"changed", "changed", "cambiado"},
    [TRIP_KEPT] = {"kept", "kept", "intacto"},
};

// ---- for people -------------------------------------------------------------------------------------------------------------

static void
print_place(const char *word, struct where where)
{
	if (where.line > 0) {
		printf("  %s %s:%u:%u", word, where.file == NULL ? "" : where.file, where.line, where.column);
	}
}

static void
print_places(const struct cmd_call *call, struct where there, struct where back)
{
	print_place(cmd_say(call, "there", "ida"), there);
	print_place(cmd_say(call, "back", "vuelta"), back);
	putchar('\n');
}

static void
print_field(const struct trip *t, const struct trip_field *f)
{
	const struct cmd_call *call = t->r->call;

	printf("%-9s %s", cmd_say(call, states[f->state].en, states[f->state].es), f->field);
	if (f->value != NULL) {
		printf(" = %s > %s", f->value, f->again == NULL || f->again[0] == '\0' ? "-" : f->again);
	}
	if (f->kept != NULL) {
		printf(" > %s", f->kept->through);
		print_places(call, f->kept->there, f->kept->back);
		return;
	}
	putchar('\n');
	for (size_t i = 0; i < f->loss_count; i++) {
		const struct roundtrip_loss *loss = &f->losses[i];

		printf("          %s: %s", loss_code(loss->kind), loss_text(loss->kind, call->lang));
		if (loss->detail != NULL) {
			printf(": %s", loss->detail);
		}
		if (loss->through != NULL) {
			printf(" > %s", loss->through);
		}
		print_places(call, loss->there, loss->back);
	}
}

static void
print_text(const struct trip *t)
{
	const struct cmd_call *call = t->r->call;

	for (int state = 0; state < TRIP_COUNT; state++) {
		for (size_t i = 0; i < t->count; i++) {
			// Without -v what came back as it was is only counted.
			if ((int)t->fields[i].state == state && (state != TRIP_KEPT || call->verbose > 0)) {
				print_field(t, &t->fields[i]);
			}
		}
	}
	printf("%s, %s %s: %zu %s, %zu %s, %zu %s\n", mapping_name(t->there), cmd_say(call, "back by", "de vuelta por"),
	    mapping_name(t->back), t->counts[TRIP_KEPT], cmd_say(call, "kept", "intactos"), t->counts[TRIP_CHANGED],
	    cmd_say(call, "changed", "cambiados"), t->counts[TRIP_LOST], cmd_say(call, "lost", "perdidos"));
}

// ---- for programs -----------------------------------------------------------------------------------------------------------

static json_t *
json_loss(const struct trip *t, const struct roundtrip_loss *loss)
{
	json_t *j = json_object();

	json_put_text(j, "code", loss_code(loss->kind));
	json_put_text(j, "text", loss_text(loss->kind, t->r->call->lang));
	json_put_text(j, "detail", loss->detail);
	json_put_text(j, "through", loss->through);
	json_put_place(j, "there", loss->there);
	json_put_place(j, "back", loss->back);
	return j;
}

static json_t *
json_field(const struct trip *t, const struct trip_field *f)
{
	const struct roundtrip_loss *first = f->loss_count > 0 ? f->losses : NULL;
	struct where nowhere = {.line = 0};
	json_t *j = json_object(), *losses = json_array();

	json_put_text(j, "field", f->field);
	json_put_text(j, "state", states[f->state].code);
	json_put_text(j, "through", f->kept != NULL ? f->kept->through : first != NULL ? first->through : NULL);
	json_put_place(j, "there", f->kept != NULL ? f->kept->there : first != NULL ? first->there : nowhere);
	json_put_place(j, "back", f->kept != NULL ? f->kept->back : first != NULL ? first->back : nowhere);
	if (t->values) {
		json_put_text(j, "value", f->value);
		json_put_text(j, "came_back", f->again);
	}
	for (size_t i = 0; i < f->loss_count; i++) {
		json_array_append_new(losses, json_loss(t, &f->losses[i]));
	}
	json_object_set_new(j, "losses", losses);
	return j;
}

static enum en_err
print_json(const struct trip *t)
{
	json_t *all = json_object(), *fields = json_array();

	json_put_text(all, "there", mapping_name(t->there));
	json_put_text(all, "back", mapping_name(t->back));
	json_object_set_new(all, "of_record", json_boolean(cmd_option(t->r->call, "in") != NULL));
	for (int state = 0; state < TRIP_COUNT; state++) {
		json_object_set_new(all, states[state].code, json_integer((json_int_t)t->counts[state]));
		for (size_t i = 0; i < t->count; i++) {
			if ((int)t->fields[i].state == state) {
				json_array_append_new(fields, json_field(t, &t->fields[i]));
			}
		}
	}
	json_object_set_new(all, "fields", fields);
	return json_print(all);
}

enum en_err
round_trip_print(const struct trip *t)
{
	if (t->r->call->json) {
		return print_json(t);
	}
	print_text(t);
	return EN_OK;
}
