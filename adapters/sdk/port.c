// SPDX-License-Identifier: Apache-2.0
// The small functions that the library offers to connectors.
#include "sdk/adapter_int.h"

#include <stdarg.h>

#include "conf/quantity.h"

static const struct conf_option *
option_of(const struct enlace_port *port, const char *name)
{
	for (size_t i = 0; i < port->conf->option_count; i++) {
		if (strcmp(port->conf->options[i].name.text, name) == 0) {
			return &port->conf->options[i];
		}
	}
	return NULL;
}

const char *
enlace_option(const struct enlace_port *port, const char *name)
{
	const struct conf_option *option = option_of(port, name);

	return option == NULL ? NULL : option->value.text;
}

const char *
enlace_option_path(const struct enlace_port *port, const char *name)
{
	const char *text = enlace_option(port, name);

	return text == NULL ? NULL : conf_resolve(&port->adapter->arena, port->adapter->conf->folder, text);
}

const char *
enlace_port_type(const struct enlace_port *port)
{
	return port->type == NULL ? NULL : port->type->name;
}

const char *const *
enlace_port_columns(const struct enlace_port *port)
{
	return (const char *const *)port->columns;
}

bool
enlace_flush(struct enlace_port *port)
{
	return adapter_flush(port->adapter) == EN_OK;
}

bool
enlace_is_check(const struct enlace_port *port)
{
	return port->adapter->is_check;
}

void
enlace_log(const struct enlace_port *port, const char *level, const char *event, ...)
{
	struct log_field fields[10];
	size_t count = 0;
	enum log_level parsed = LOG_INFO;
	const char *name;
	va_list args;

	fields[count++] = LOG_TEXT("connector", port->connector->name);
	va_start(args, event);
	while (count < EN_COUNT_OF(fields) && (name = va_arg(args, const char *)) != NULL) {
		fields[count++] = LOG_TEXT(name, va_arg(args, const char *));
	}
	va_end(args);
	(void)log_level_from_text(level, &parsed);
	log_write(parsed, event, fields, count);
}

void
enlace_watch(struct enlace_port *port, int fd)
{
	port->watch_fd = fd > 0 ? fd : -1;
}

void
enlace_under_way(struct enlace_port *port, bool is_under_way)
{
	port->is_under_way = is_under_way;
}

uint64_t
enlace_option_ms(struct enlace_port *port, const char *name, uint64_t fallback)
{
	const struct conf_option *option = option_of(port, name);
	uint64_t ms;

	if (option == NULL) {
		return fallback;
	}
	if (!quantity_duration(option->value.text, &ms)) {
		port->malformed = option;
		return fallback;
	}
	return ms;
}
