// SPDX-License-Identifier: Apache-2.0
// A rule set is six folders of files. The files are listed and sorted first and each is read exactly once, so what is
// hashed for the digest is what was parsed, and the order of the folder on disk changes nothing.
//
// The listing is strict: what would be passed over in silence (a link, a .yml, a folder named `mapping`) could be the
// rule that somebody relies on.
#include "conf/conf.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/crypto.h"
#include "base/limits.h"
#include "base/strmap.h"
#include "conf/kinds.h"
#include "conf/path.h"
#include "conf/table.h"

// Every kind's struct begins with its name, so that two of one name are found without knowing the kind.
_Static_assert(offsetof(struct conf_mapping, name) == 0 && offsetof(struct conf_route, name) == 0, "name first");
_Static_assert(offsetof(struct conf_agreement, name) == 0 && offsetof(struct conf_agency, name) == 0, "name first");
_Static_assert(offsetof(struct conf_subscription, name) == 0 && offsetof(struct conf_table, name) == 0, "name first");

struct file {
	char *path; // from malloc
	size_t name_at; // where the part below the rule set's folder begins
	enum conf_kind kind;
	bool is_csv;
	bool is_used; // a table's header names this CSV
	bool is_kept; // its bytes stand in the set
};

struct loading {
	struct conf_set *set;
	struct findings *findings;
	size_t dir_len;
	struct file *files;
	size_t count, cap;
	struct strmap names; // "kind/name" -> struct conf_text
	struct buf digests; // of the files, in order
};

static void
does_not_belong(struct loading *l, const char *path, const char *what, const char *hint)
{
	findings_add(l->findings, E0113, (struct where){.file = path}, hint, "%s", findings_say(l->findings, what));
}

// Takes path.
static enum en_err
add_file(struct loading *l, char *path, enum conf_kind kind, bool is_csv)
{
	if (l->count == LIMIT_CONFIG_FILES) {
		findings_add(
		    l->findings, E0108, (struct where){.file = path}, NULL, "more than %d files", LIMIT_CONFIG_FILES);
		free(path);
		return EN_ECONFIG;
	}
	if (l->count == l->cap) {
		size_t cap = l->cap == 0 ? 64 : l->cap * 2;
		struct file *files = realloc(l->files, cap * sizeof(*files));

		if (files == NULL) {
			free(path);
			return EN_ENOMEM;
		}
		l->files = files;
		l->cap = cap;
	}
	l->files[l->count++] = (struct file){.path = path, .name_at = l->dir_len + 1, .kind = kind, .is_csv = is_csv};
	return EN_OK;
}

static enum en_err list_folder(struct loading *l, const char *path, enum conf_kind kind, unsigned depth);

// One entry of a folder. Takes path.
static enum en_err
list_entry(struct loading *l, char *path, const char *name, enum conf_kind kind, unsigned depth)
{
	struct stat st;
	enum en_err err = EN_OK;

	if (lstat(path, &st) != 0) {
		findings_add(l->findings, E0101, (struct where){.file = path}, NULL, NULL);
	} else if (S_ISDIR(st.st_mode)) {
		err = list_folder(l, path, kind, depth + 1);
	} else if (!S_ISREG(st.st_mode)) {
		does_not_belong(
		    l, path, S_ISLNK(st.st_mode) ? "a symbolic link" : "not a plain file", "put the file itself here");
	} else if (conf_ends_with(name, ".yaml") || (conf_ends_with(name, ".csv") && kind == CONF_TABLE)) {
		return add_file(l, path, kind, conf_ends_with(name, ".csv"));
	} else {
		does_not_belong(l, path, "neither .yaml nor a table's .csv",
		    conf_ends_with(name, ".yml") ? "rename it to .yaml" : NULL);
	}
	free(path);
	return err;
}

// Editors' backups, hidden files and the page that explains a folder are nobody's rules.
static bool
is_passed_over(const char *name)
{
	return strcmp(name, "README.md") == 0 || name[0] == '.' || name[0] == '#' || name[strlen(name) - 1] == '~';
}

static char *
join(const char *folder, const char *name)
{
	char *path = NULL;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

// A folder of a kind that is not there holds nothing; one that cannot be read is a finding.
static enum en_err
list_folder(struct loading *l, const char *path, enum conf_kind kind, unsigned depth)
{
	struct where where = {.file = path};
	DIR *dir = depth > LIMIT_CONFIG_FOLDERS ? NULL : opendir(path);
	enum en_err err = EN_OK;

	if (depth > LIMIT_CONFIG_FOLDERS) {
		findings_add(
		    l->findings, E0108, where, NULL, "more than %d folders within folders", LIMIT_CONFIG_FOLDERS);
		return EN_OK;
	}
	if (dir == NULL) {
		if (errno != ENOENT || depth > 0) {
			findings_add(l->findings, E0101, where, NULL, NULL);
		}
		return EN_OK;
	}
	for (struct dirent *entry; err == EN_OK && (entry = readdir(dir)) != NULL;) {
		if (is_passed_over(entry->d_name)) {
			continue;
		}
		char *child = join(path, entry->d_name);

		err = child == NULL ? EN_ENOMEM : list_entry(l, child, entry->d_name, kind, depth);
	}
	(void)closedir(dir); // read only
	return err;
}

// A folder `mapping` or `rutes` beside the known ones would be missed by nobody but its author.
static enum en_err
check_top(struct loading *l, const char *dir)
{
	const char *folders[CONF_KIND_COUNT];
	DIR *top = opendir(dir);

	if (top == NULL) {
		findings_add(l->findings, E0101, (struct where){.file = dir}, NULL, NULL);
		return EN_ECONFIG;
	}
	for (size_t i = 0; i < CONF_KIND_COUNT; i++) {
		folders[i] = conf_kinds[i].folder;
	}
	for (struct dirent *entry; (entry = readdir(top)) != NULL;) {
		const char *nearest = nearest_name(entry->d_name, folders, CONF_KIND_COUNT);

		if (nearest == NULL || strcmp(nearest, entry->d_name) == 0) {
			continue;
		}
		char *path = join(dir, entry->d_name);

		if (path != NULL) {
			does_not_belong(l, path, "a name like one of the rule set's folders", nearest);
			free(path);
		}
	}
	(void)closedir(top); // read only
	return EN_OK;
}

static int
by_path(const void *left, const void *right)
{
	return strcmp(((const struct file *)left)->path, ((const struct file *)right)->path);
}

static enum en_err
list_all(struct loading *l, const char *dir)
{
	enum en_err err = check_top(l, dir);

	for (size_t i = 0; err == EN_OK && i < CONF_RULE_KINDS; i++) {
		char *path = join(dir, conf_kinds[i].folder);

		err = path == NULL ? EN_ENOMEM : list_folder(l, path, (enum conf_kind)i, 0);
		free(path);
	}
	if (l->count > 1) {
		qsort(l->files, l->count, sizeof(*l->files), by_path);
	}
	return err;
}

static void
add_digest(struct loading *l, const struct file *file, struct view text)
{
	const struct view parts[] = {view_text(file->path + file->name_at), text};
	uint8_t digest[32];

	crypto_hash_parts(digest, sizeof(digest), VIEW_EMPTY, parts, EN_COUNT_OF(parts));
	buf_put(&l->digests, digest, sizeof(digest));
}

// What was read is what is known by the digest, and what records name: the file may be another one a moment later.
static enum en_err
keep_bytes(struct loading *l, struct file *file, struct view text)
{
	struct conf_set *set = l->set;
	struct conf_file *kept = &set->files[set->file_count];

	add_digest(l, file, text);
	if (file->is_kept) {
		return EN_OK; // a CSV that another table reads too
	}
	*kept = (struct conf_file){
	    arena_text(&set->arena, view_text(file->path + file->name_at)), arena_copy(&set->arena, text)};
	if (kept->name == NULL || (kept->bytes.data == NULL && text.len > 0)) {
		return EN_ENOMEM;
	}
	set->file_count++;
	file->is_kept = true;
	return EN_OK;
}

// Whether the name is new for its kind; two of one name are a finding at the second.
static enum en_err
check_name(struct loading *l, enum conf_kind kind, struct conf_text *name)
{
	char *key = join(conf_kinds[kind].key, name->text);

	if (key == NULL) {
		return EN_ENOMEM;
	}
	const struct conf_text *same = strmap_get(&l->names, view_text(key));
	enum en_err err = EN_OK;

	if (same != NULL) {
		findings_add(l->findings, E0109, name->where, NULL, "%s, also in %s:%u", key, same->where.file,
		    same->where.line);
	} else {
		err = strmap_put(&l->names, view_text(key), name, NULL);
	}
	free(key);
	return err;
}

// The arrays have room for every file of their kind.
static void
keep(struct conf_set *set, enum conf_kind kind, void *thing)
{
	switch (kind) {
	case CONF_AGENCY:
		set->agencies[set->agency_count++] = thing;
		break;
	case CONF_AGREEMENT:
		set->agreements[set->agreement_count++] = thing;
		break;
	case CONF_ROUTE:
		set->routes[set->route_count++] = thing;
		break;
	case CONF_SUBSCRIPTION:
		set->subscriptions[set->subscription_count++] = thing;
		break;
	case CONF_MAPPING:
		set->mappings[set->mapping_count++] = thing;
		break;
	case CONF_TABLE:
		set->tables[set->table_count++] = thing;
		break;
	case CONF_TESTS:
	case CONF_KIND_COUNT:
		break;
	}
}

static enum en_err
make_room(struct loading *l)
{
	struct conf_set *set = l->set;
	size_t counts[CONF_RULE_KINDS] = {0};

	for (size_t i = 0; i < l->count; i++) {
		counts[l->files[i].kind] += !l->files[i].is_csv;
	}
	set->agencies = arena_zalloc(&set->arena, counts[CONF_AGENCY] * sizeof(*set->agencies));
	set->agreements = arena_zalloc(&set->arena, counts[CONF_AGREEMENT] * sizeof(*set->agreements));
	set->routes = arena_zalloc(&set->arena, counts[CONF_ROUTE] * sizeof(*set->routes));
	set->subscriptions = arena_zalloc(&set->arena, counts[CONF_SUBSCRIPTION] * sizeof(*set->subscriptions));
	set->mappings = arena_zalloc(&set->arena, counts[CONF_MAPPING] * sizeof(*set->mappings));
	set->tables = arena_zalloc(&set->arena, counts[CONF_TABLE] * sizeof(*set->tables));
	set->files = arena_zalloc(&set->arena, l->count * sizeof(*set->files));
	return set->files == NULL || set->agencies == NULL || set->agreements == NULL || set->routes == NULL ||
		set->subscriptions == NULL || set->mappings == NULL || set->tables == NULL
	    ? EN_ENOMEM
	    : EN_OK;
}

// Findings are collected over all files: EN_ECONFIG of one of them does not stop the others.
static enum en_err
load_yaml(struct loading *l, struct file *file)
{
	struct buf text = BUF_EMPTY;
	void *thing = NULL;
	enum en_err err = conf_read_file(&text, file->path, LIMIT_YAML_BYTES, l->findings);

	if (err == EN_OK) {
		err = keep_bytes(l, file, buf_view(&text));
	}
	if (err == EN_OK) {
		err = conf_kind_parse(file->kind, buf_view(&text), file->path, &l->set->arena, l->findings, &thing);
	}
	buf_fini(&text);
	if (err == EN_OK) {
		keep(l->set, file->kind, thing);
		return check_name(l, file->kind, thing);
	}
	return err == EN_ECONFIG ? EN_OK : err;
}

static struct file *
find_file(struct loading *l, const char *path)
{
	struct file wanted = {.path = (char *)(uintptr_t)path}; // only compared

	return l->count == 0 ? NULL : bsearch(&wanted, l->files, l->count, sizeof(*l->files), by_path);
}

static enum en_err
load_table(struct loading *l, struct conf_table *table)
{
	struct file *file = find_file(l, table->csv_path);
	struct buf text = BUF_EMPTY;

	if (file == NULL) {
		findings_add(l->findings, E0101, table->name.where, NULL, "the table's CSV %s is not in codes/",
		    table->csv_path);
		return EN_OK;
	}
	file->is_used = true;
	enum en_err err = conf_read_file(&text, file->path, LIMIT_TABLE_BYTES, l->findings);

	if (err == EN_OK) {
		err = keep_bytes(l, file, buf_view(&text));
	}
	if (err == EN_OK) {
		err = conf_table_read(table, buf_view(&text), &l->set->arena, l->findings);
	}
	buf_fini(&text);
	return err == EN_ECONFIG ? EN_OK : err;
}

static enum en_err
load_all(struct loading *l)
{
	size_t errors_before = l->findings->errors;
	enum en_err err = make_room(l);

	for (size_t i = 0; err == EN_OK && i < l->count; i++) {
		size_t errors = l->findings->errors;

		if (!l->files[i].is_csv) {
			err = load_yaml(l, &l->files[i]);
		}
		l->set->has_broken_tables =
		    l->set->has_broken_tables || (l->files[i].kind == CONF_TABLE && l->findings->errors > errors);
	}
	size_t errors_before_tables = l->findings->errors;

	for (size_t i = 0; err == EN_OK && i < l->set->table_count; i++) {
		err = load_table(l, l->set->tables[i]);
	}
	l->set->has_broken_tables = l->set->has_broken_tables || l->findings->errors > errors_before_tables;
	// A header that could not be read names no CSV: its table would be reported twice.
	bool is_complete = l->findings->errors == errors_before;

	for (size_t i = 0; err == EN_OK && is_complete && i < l->count; i++) {
		if (l->files[i].is_csv && !l->files[i].is_used) {
			does_not_belong(l, l->files[i].path, "no table's header names this CSV",
			    "write a .yaml of the same name beside it");
		}
	}
	if (err == EN_OK && l->digests.err != EN_OK) {
		err = l->digests.err;
	}
	return err;
}

enum en_err
conf_set_load(const char *dir, struct findings *findings, struct conf_set **ret)
{
	struct loading l = {.set = calloc(1, sizeof(*l.set)), .findings = findings, .dir_len = strlen(dir)};
	size_t errors_before = findings->errors;
	enum en_err err = l.set == NULL ? EN_ENOMEM : EN_OK;

	*ret = NULL;
	strmap_init(&l.names, 0);
	if (err == EN_OK) {
		arena_init(&l.set->arena, 0);
		err = list_all(&l, dir);
	}
	if (err == EN_OK) {
		l.set->has_broken_tables = findings->errors > errors_before; // a file of another ending may be one
		err = load_all(&l);
	}
	if (err == EN_OK && findings->errors > errors_before) {
		err = EN_ECONFIG;
	}
	if (err == EN_OK) {
		crypto_hash(l.set->digest, sizeof(l.set->digest), VIEW_EMPTY, buf_view(&l.digests));
	}
	if (err == EN_OK || (err == EN_ECONFIG && l.count > 0)) {
		*ret = l.set;
		l.set = NULL;
	}
	for (size_t i = 0; i < l.count; i++) {
		free(l.files[i].path);
	}
	free(l.files);
	strmap_fini(&l.names);
	buf_fini(&l.digests);
	conf_set_free(&l.set);
	return err;
}

void
conf_set_free(struct conf_set **setp)
{
	if (*setp != NULL) {
		arena_fini(&(*setp)->arena);
		free(*setp);
		*setp = NULL;
	}
}
