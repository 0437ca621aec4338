// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http.h"
#include "support/support.h"

struct fixture {
	struct http *http;
	enum en_err result; // what the broker answers
	const char *reply;
	enum ctl_verb asked;
	char answer[4096];
};

static enum en_err
dispatch(void *context, enum ctl_verb verb, struct buf *out)
{
	struct fixture *f = context;

	f->asked = verb;
	buf_put_str(out, f->reply);
	return f->result;
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->reply = "{\"ok\":true,\"status\":\"ok\"}";
	*state = f;
	return http_open("127.0.0.1:0", dispatch, f, &f->http) == EN_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	http_close(&f->http);
	free(f);
	return 0;
}

static int
connect_to(const struct fixture *f)
{
	const char *colon = strrchr(http_address(f->http), ':');
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1))};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

// Sends a request and reads the answer to its end. Returns the status.
static int
ask(struct fixture *f, const char *method, const char *path)
{
	char request[512];
	size_t len = 0;
	ssize_t n;
	int fd = connect_to(f);

	snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", method, path);
	assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
	while ((n = read(fd, f->answer + len, sizeof(f->answer) - 1 - len)) > 0) {
		len += (size_t)n;
	}
	f->answer[len] = '\0';
	close(fd);
	return len > 12 ? atoi(f->answer + 9) : 0;
}

static void
a_broker_that_is_well_is_ready(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, "GET", "/readyz"), 200);
	assert_int_equal(f->asked, CTL_HEALTH);
	assert_non_null(strstr(f->answer, "\"status\":\"ok\""));
}

static void
a_failing_check_makes_it_unready_but_not_the_metrics(void **state)
{
	struct fixture *f = *state;

	f->reply = "{\"ok\":true,\"status\":\"error\"}";
	assert_int_equal(ask(f, "GET", "/readyz"), 503);
	assert_int_equal(ask(f, "GET", "/metrics"), 200);
}

static void
a_loop_that_does_not_answer_is_not_alive(void **state)
{
	struct fixture *f = *state;

	f->result = EN_ETIMEOUT;
	assert_int_equal(ask(f, "GET", "/livez"), 503);
}

static void
only_reading_is_possible(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, "POST", "/metrics"), 405);
	assert_int_equal(ask(f, "DELETE", "/livez"), 405);
	assert_int_equal(ask(f, "GET", "/etc/passwd"), 404);
	assert_int_equal(ask(f, "GET", "/livez/../metrics"), 404);
	assert_int_equal(ask(f, "HEAD", "/livez"), 200);
}

static void
a_port_in_use_and_a_malformed_address_are_told_apart(void **state)
{
	struct fixture *f = *state;
	struct http *second = NULL;

	assert_err(EN_EBUSY, http_open(http_address(f->http), dispatch, f, &second));
	assert_err(EN_EUSAGE, http_open("nonsense", dispatch, f, &second));
	assert_err(EN_EUSAGE, http_open("example.invalid:80", dispatch, f, &second));
	assert_null(second);
}

static void
garbage_does_not_stop_it(void **state)
{
	struct fixture *f = *state;
	int fd = connect_to(f);

	assert_true(write(fd, "\x01\x02\x03\r\n\r\n", 7) > 0);
	close(fd);
	assert_int_equal(ask(f, "GET", "/livez"), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_broker_that_is_well_is_ready, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_failing_check_makes_it_unready_but_not_the_metrics, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_loop_that_does_not_answer_is_not_alive, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(only_reading_is_possible, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_port_in_use_and_a_malformed_address_are_told_apart, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(garbage_does_not_stop_it, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
