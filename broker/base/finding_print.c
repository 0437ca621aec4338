// SPDX-License-Identifier: Apache-2.0
// Findings as text for a person and as JSON for a program. Both carry the same facts; the JSON's keys are an interface.
#include "base/finding.h"

#include <assert.h>

#include "base/log.h"
#include "base/terminal.h"

static const struct {
	const char *en, *es, *help_en, *help_es;
} texts[] = {
#define EN_FINDING(name, code, is_error, en, es, help_en, help_es) [name] = {en, es, help_en, help_es},
#include "base/finding.tbl.h"
#undef EN_FINDING
};

struct colours {
	const char *bold, *red, *yellow, *blue, *off;
};

static const struct colours no_colours = {"", "", "", "", ""};
static const struct colours ansi_colours = {"\033[1m", "\033[1;31m", "\033[1;33m", "\033[34m", "\033[0m"};

const char *
finding_text(enum finding_code code, enum en_lang lang)
{
	assert((unsigned)code < FINDING_COUNT);
	return lang == EN_LANG_ES ? texts[code].es : texts[code].en;
}

const char *
finding_help(enum finding_code code, enum en_lang lang)
{
	assert((unsigned)code < FINDING_COUNT);
	return lang == EN_LANG_ES ? texts[code].help_es : texts[code].help_en;
}

static void
print_excerpt(const struct finding *finding, FILE *out, const struct colours *c)
{
	if (finding->excerpt == NULL) {
		return;
	}
	fprintf(out, "%s%5u |%s %s\n", c->blue, finding->where.line, c->off, finding->excerpt);
	if (finding->where.column == 0) {
		return;
	}
	fprintf(out, "%s      |%s ", c->blue, c->off);
	for (uint32_t i = 1; i < finding->where.column && i < 200; i++) {
		fputc(' ', out);
	}
	fprintf(out, "%s^%s\n", c->red, c->off);
}

// A hint that is a sentence says it all; one that is a name, as the nearest one, stands behind what to do with it.
void
finding_put_help(const struct finding *finding, enum en_lang lang, struct buf *b)
{
	const char *help = finding_help(finding->code, lang), *hint = finding->hint;

	if (hint == NULL) {
		buf_put_str(b, help);
	} else if (strchr(hint, ' ') != NULL) {
		buf_put_str(b, hint);
	} else {
		buf_printf(b, "%s: %s", help, hint);
	}
}

static void
print_help(const struct finding *finding, FILE *out, enum en_lang lang, const struct colours *c)
{
	struct buf help = BUF_EMPTY;

	finding_put_help(finding, lang, &help);
	fprintf(out, "%s%s:%s %s\n\n", c->bold, lang == EN_LANG_ES ? "ayuda" : "help", c->off, buf_cstr(&help));
	buf_fini(&help);
}

void
findings_print_text(const struct findings *f, FILE *out, bool colour)
{
	const struct colours *c = colour ? &ansi_colours : &no_colours;
	enum en_lang lang = f->lang;
	bool es = lang == EN_LANG_ES;

	for (size_t i = 0; i < f->count; i++) {
		const struct finding *finding = &f->items[i];
		bool is_error = finding_is_error(finding->code);

		fputs(c->bold, out);
		if (finding->where.file != NULL) {
			fputs(finding->where.file, out);
			if (finding->where.line > 0) {
				fprintf(out, ":%u:%u", finding->where.line, finding->where.column);
			}
			fputs(": ", out);
		}
		fprintf(out, "%s%s%s[%s]%s %s", c->off, is_error ? c->red : c->yellow,
		    is_error ? "error"
			: es ? "aviso"
			     : "warning",
		    finding_code_text(finding->code), c->off, finding_text(finding->code, lang));
		if (finding->detail != NULL && finding->detail[0] != '\0') {
			fprintf(out, ": %s", finding->detail);
		}
		fputc('\n', out);
		print_excerpt(finding, out, c);
		print_help(finding, out, lang, c);
	}
}

void
findings_tell(const struct findings *f)
{
	FILE *words = terminal_is_utf8() ? NULL : terminal_ascii(stderr);

	findings_print_text(f, words == NULL ? stderr : words, terminal_has_colours(stderr));
	if (words != NULL) {
		(void)fclose(words); // stderr is where a failure would be told
	}
}

static void
put_member(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, ",\"%s\":", name);
	if (value == NULL) {
		buf_put_str(b, "null");
		return;
	}
	buf_put_u8(b, '"');
	json_escape(b, view_text(value));
	buf_put_u8(b, '"');
}

void
findings_print_json(const struct findings *f, FILE *out)
{
	enum en_lang lang = f->lang;
	struct buf b = BUF_EMPTY;

	buf_put_str(&b, "{\"findings\":[");
	for (size_t i = 0; i < f->count; i++) {
		const struct finding *finding = &f->items[i];

		buf_printf(&b, "%s{\"code\":\"%s\"", i == 0 ? "" : ",", finding_code_text(finding->code));
		put_member(&b, "severity", finding_is_error(finding->code) ? "error" : "warning");
		put_member(&b, "file", finding->where.file);
		buf_printf(&b, ",\"line\":%u,\"column\":%u", finding->where.line, finding->where.column);
		put_member(&b, "text", finding_text(finding->code, lang));
		put_member(&b, "detail", finding->detail);
		put_member(&b, "hint", finding->hint);
		put_member(&b, "help", finding_help(finding->code, lang));
		buf_put_u8(&b, '}');
	}
	buf_printf(&b, "],\"errors\":%zu,\"warnings\":%zu}\n", f->errors, f->warnings);
	if (b.err == EN_OK) {
		fwrite(b.data, 1, b.len, out);
	}
	buf_fini(&b);
}
