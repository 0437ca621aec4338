// SPDX-License-Identifier: Apache-2.0
// `enlace explain-code`: what a code means, why it is a rule, and how it is corrected, for the person who got it. Codes
// are those of findings and the reasons for which an event is held, refused or withheld.
#include <ctype.h>
#include <string.h>

#include "base/log.h"
#include "base/reason.h"
#include "cli/cmd.h"
#include "cli/pages.h"

#define CODES_MAX (FINDING_COUNT + REASON_COUNT)

static bool
is_example(const struct page_part *part, const char *kind)
{
	return part->heading.len > strlen(kind) && memcmp(part->heading.data, kind, strlen(kind)) == 0;
}

// What stands between the fences.
static struct view
example_of(const struct page_part *part)
{
	const uint8_t *first = memchr(part->body.data, '\n', part->body.len);
	size_t before = first == NULL ? 0 : (size_t)(first - part->body.data) + 1, fences = before + strlen("```");

	return part->body.len < fences ? part->body : view_of(part->body.data + before, part->body.len - fences);
}

// Each line behind four blanks; commands behind a prompt.
static void
print_example(const struct cmd_call *call, const struct page_part *part, bool is_wrong)
{
	const char *path = (const char *)part->heading.data + strlen("Wrong: ");
	int path_len = (int)part->heading.len - (int)strlen("Wrong: ");
	bool is_shell = path_len == 2 && memcmp(path, "sh", 2) == 0;
	struct view text = example_of(part);
	const char *line = (const char *)text.data, *end = line + text.len;

	printf("%s", is_wrong ? cmd_say(call, "Wrong", "Incorrecto") : cmd_say(call, "Right", "Correcto"));
	if (!is_shell) {
		printf(", %.*s", path_len, path);
	}
	printf(":\n\n");
	while (line < end) {
		size_t len = strcspn(line, "\n");

		printf("    %s%.*s\n", is_shell ? "$ " : "", (int)len, line);
		line += len + 1;
	}
	putchar('\n');
}

static void
print_page(const struct cmd_call *call, const char *page)
{
	const char *language = cmd_say(call, "English", "Español");
	struct page_part part;

	while (page_next_part(&page, &part)) {
		if (view_is(part.heading, language)) {
			printf("%.*s\n\n", (int)part.body.len, (const char *)part.body.data);
		} else if (is_example(&part, "Wrong: ") || is_example(&part, "Right: ")) {
			print_example(call, &part, is_example(&part, "Wrong: "));
		}
	}
}

static void
put_member(struct buf *b, const char *before, const char *name, struct view value)
{
	buf_printf(b, "%s\"%s\":\"", before, name);
	json_escape(b, value);
	buf_put_u8(b, '"');
}

static void
put_page(const struct cmd_call *call, struct buf *b, const char *page)
{
	const char *language = cmd_say(call, "English", "Español"), *at = page;
	const char *before = "";
	struct page_part part;

	while (page_next_part(&at, &part)) {
		if (view_is(part.heading, language)) {
			put_member(b, ",", "page", part.body);
		}
	}
	buf_put_str(b, ",\"examples\":[");
	while (page_next_part(&page, &part)) {
		if (is_example(&part, "Wrong: ") || is_example(&part, "Right: ")) {
			buf_printf(b, "%s{\"is\":\"%s\"", before, is_example(&part, "Wrong: ") ? "wrong" : "right");
			put_member(b, ",", "file", view_of(part.heading.data + 7, part.heading.len - 7));
			put_member(b, ",", "text", example_of(&part));
			buf_put_u8(b, '}');
			before = ",";
		}
	}
	buf_put_u8(b, ']');
}

// What is known of a code: from one of the two tables.
struct code {
	const char *code, *text, *help, *severity;
};

static struct code
code_at(size_t i, enum en_lang lang)
{
	if (i < FINDING_COUNT) {
		enum finding_code code = (enum finding_code)i;

		return (struct code){finding_code_text(code), finding_text(code, lang), finding_help(code, lang),
		    finding_is_error(code) ? "error" : "warning"};
	}
	enum reason reason = (enum reason)(i - FINDING_COUNT);

	return (struct code){reason_code(reason), reason_text(reason, lang), NULL, "reason"};
}

static void
put_code(struct buf *b, const struct code *code)
{
	put_member(b, "{", "code", view_text(code->code));
	put_member(b, ",", "severity", view_text(code->severity));
	put_member(b, ",", "text", view_text(code->text));
	if (code->help != NULL) {
		put_member(b, ",", "help", view_text(code->help));
	}
}

static int
list_all(const struct cmd_call *call)
{
	struct buf b = BUF_EMPTY;

	for (size_t i = 0; i < CODES_MAX; i++) {
		struct code code = code_at(i, call->lang);

		if (i == FINDING_COUNT + REASON_NONE) {
			continue; // no reason at all
		}
		if (call->json) {
			buf_put_str(&b, b.len == 0 ? "{\"codes\":[" : ",");
			put_code(&b, &code);
			buf_put_u8(&b, '}');
		} else {
			buf_printf(&b, "%-22s %s\n", code.code, code.text);
		}
	}
	buf_put_str(&b, call->json ? "]}\n" : "");
	return cmd_print(call, &b);
}

static int
explain(const struct cmd_call *call, const char *wanted)
{
	const char *names[CODES_MAX];

	for (size_t i = 0; i < CODES_MAX; i++) {
		struct code code = code_at(i, call->lang);
		const char *page = page_of(code.code);
		struct buf b = BUF_EMPTY;

		names[i] = code.code;
		if (strcasecmp(wanted, code.code) != 0 || i == FINDING_COUNT + REASON_NONE) {
			continue;
		}
		if (call->json) {
			put_code(&b, &code);
			if (page != NULL) {
				put_page(call, &b, page);
			}
			buf_put_str(&b, "}\n");
		} else {
			printf("%s: %s\n\n", code.code, code.text);
			if (page != NULL) {
				print_page(call, page);
			}
		}
		return cmd_print(call, &b);
	}
	const char *near = nearest_name(wanted, names, CODES_MAX);

	fprintf(stderr, "enlace: %s %s", cmd_say(call, "there is no code", "no existe el código"), wanted);
	if (near != NULL) {
		fprintf(stderr, "; %s %s", cmd_say(call, "did you mean", "quiso decir"), near);
	}
	fprintf(stderr, ". enlace explain-code %s\n", cmd_say(call, "lists them all", "los muestra todos"));
	return 2;
}

static int
run(struct cmd_call *call)
{
	int code = call->argument_count == 0 ? list_all(call) : 0;

	for (size_t i = 0; i < call->argument_count && code == 0; i++) {
		code = explain(call, call->arguments[i]);
	}
	return code;
}

const struct cmd cmd_explain_code = {"explain-code", "what a code means, why it is a rule, and how it is corrected",
    "qué significa un código, por qué es una regla y cómo se corrige",
    "  enlace explain-code E0302            its page\n"
    "  enlace explain-code                  all codes, one a line\n",
    NULL, run};
