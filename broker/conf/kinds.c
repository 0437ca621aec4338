// SPDX-License-Identifier: Apache-2.0
// From the text of one file to its struct: tree, kind, binding. The tree lives in an arena of its own and is gone
// afterwards.
#include "conf/kinds.h"

#include "base/limits.h"
#include "conf/path.h"

const struct conf_kind_row conf_kinds[CONF_KIND_COUNT] = {
    [CONF_AGENCY] = {"agency", "agencies", &conf_agency_object},
    [CONF_AGREEMENT] = {"agreement", "agreements", &conf_agreement_object},
    [CONF_ROUTE] = {"route", "routes", &conf_route_object},
    [CONF_SUBSCRIPTION] = {"subscription", "subscriptions", &conf_subscription_object},
    [CONF_MAPPING] = {"mapping", "mappings", &conf_mapping_object},
    [CONF_TABLE] = {"table", "codes", &conf_table_object},
    [CONF_TESTS] = {"tests", "tests", &conf_tests_object},
};

enum en_err
conf_read_file(struct buf *text, const char *path, size_t max, struct findings *findings)
{
	struct where whole_file = {.file = path};
	enum en_err err = buf_read_file(text, path, max);

	switch (err) {
	case EN_OK:
	case EN_ENOMEM:
		return err;
	case EN_ELIMIT:
		findings_add(findings, E0108, whole_file, NULL, "more than %zu bytes", max);
		return EN_ECONFIG;
	default:
		findings_add(findings, E0101, whole_file, NULL, "%s", en_err_text(err, findings->lang));
		return EN_ECONFIG;
	}
}

// The first key of the file says its kind; a file that says another one may well be right, but it is not what was
// asked for.
static bool
check_kind(const struct yaml_node *root, enum conf_kind wanted, struct findings *findings)
{
	const char *keys[CONF_KIND_COUNT];

	if (root->kind != YAML_MAP || root->first == NULL) {
		findings_add(findings, E0110, root->where, conf_kinds[wanted].key, NULL);
		return false;
	}
	if (strcmp(root->first->key, conf_kinds[wanted].key) == 0) {
		return true;
	}
	for (size_t i = 0; i < CONF_KIND_COUNT; i++) {
		keys[i] = conf_kinds[i].key;
		if (strcmp(root->first->key, keys[i]) == 0) {
			struct buf hint = BUF_EMPTY;

			buf_printf(&hint, findings_say(findings, "move the file to %s/"), conf_kinds[i].folder);
			findings_add(findings, E0113, root->first->key_where, buf_cstr(&hint),
			    "a file that begins with %s", keys[i]);
			buf_fini(&hint);
			return false;
		}
	}
	const char *nearest = nearest_name(root->first->key, keys, CONF_KIND_COUNT);

	findings_add(findings, E0110, root->first->key_where, nearest == NULL ? conf_kinds[wanted].key : nearest, "%s",
	    root->first->key);
	return false;
}

static enum en_err
parse(const struct bind_object *object, int kind, struct view text, const char *file, struct arena *arena,
    struct findings *findings, void *dst)
{
	struct binder b = {.arena = arena, .findings = findings};
	struct arena tree;
	struct yaml_node *root = NULL;
	size_t errors_before = findings->errors;

	arena_init(&tree, 0);
	b.file = arena_text(arena, view_text(file));
	b.folder = conf_folder_of(arena, file);
	enum en_err err = b.file == NULL || b.folder == NULL ? EN_ENOMEM : EN_OK;

	if (err == EN_OK) {
		err = yaml_read(text, b.file, &tree, findings, &root);
	}
	if (err == EN_OK && (kind < 0 || check_kind(root, (enum conf_kind)kind, findings))) {
		if (root->kind == YAML_MAP) {
			bind_object(&b, root, object, dst);
			err = b.err;
		} else {
			findings_add(
			    findings, E0106, root->where, "keys and values: `key: value`, one in a line", "the file");
		}
	}
	if (err == EN_OK && findings->errors > errors_before) {
		err = EN_ECONFIG;
	}
	arena_fini(&tree);
	return err;
}

enum en_err
conf_kind_parse(
    enum conf_kind kind, struct view text, const char *file, struct arena *arena, struct findings *findings, void **ret)
{
	void *thing = arena_zalloc(arena, conf_kinds[kind].object->size);
	enum en_err err =
	    thing == NULL ? EN_ENOMEM : parse(conf_kinds[kind].object, (int)kind, text, file, arena, findings, thing);

	if (err == EN_OK) {
		*ret = thing;
	}
	return err;
}

enum en_err
conf_object_parse(const struct bind_object *object, struct view text, const char *file, struct arena *arena,
    struct findings *findings, void *dst)
{
	return parse(object, -1, text, file, arena, findings, dst);
}

enum en_err
conf_object_load(
    const struct bind_object *object, const char *path, struct arena *arena, struct findings *findings, void **ret)
{
	void *dst = arena_zalloc(arena, object->size);
	struct buf text = BUF_EMPTY;
	enum en_err err = dst == NULL ? EN_ENOMEM : conf_read_file(&text, path, LIMIT_YAML_BYTES, findings);

	if (err == EN_OK) {
		err = conf_object_parse(object, buf_view(&text), path, arena, findings, dst);
	}
	if (err == EN_OK) {
		*ret = dst;
	}
	buf_fini(&text);
	return err;
}
