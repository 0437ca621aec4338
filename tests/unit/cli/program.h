// SPDX-License-Identifier: Apache-2.0
// Runs the real `enlace` of the same build, in an environment of its own, and keeps what it said and how it ended.
// Include after cmocka.h.
#ifndef EN_TESTS_UNIT_CLI_PROGRAM_H
#define EN_TESTS_UNIT_CLI_PROGRAM_H

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/support.h"

#define PROGRAM_ARGUMENTS 24

struct program {
	pid_t pid;
	int out_fd, err_fd, in_fd;
	struct buf out, err;
	int code; // -1 while it runs
};

// build/X/tests/unit/cli/test_Y -> build/X/bin/enlace
static inline char *
program_path(void)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	assert_true(len > 0);
	self[len] = '\0';
	for (int i = 0; i < 4; i++) {
		*strrchr(self, '/') = '\0';
	}
	char *path = test_path(self, "bin/enlace");

	if (access(path, X_OK) != 0) {
		fail_msg("%s is not built", path);
	}
	return path;
}

// language: of LC_ALL. arguments: NULL-terminated, without the program's name. out: a file that stdout is; NULL: it is kept.
static inline void
program_start_to(struct program *p, const char *language, const char *out_file, const char *const *arguments)
{
	const char *argv[PROGRAM_ARGUMENTS + 2] = {"enlace"};
	char locale[64], *path = program_path();
	char *const environment[] = {locale, (char[]){"TZ=UTC"}, (char[]){"HOME=/nonexistent"}, NULL};
	int out[2], err[2], in[2];

	snprintf(locale, sizeof(locale), "LC_ALL=%s", language);
	for (size_t i = 0; arguments[i] != NULL; i++) {
		assert_true(i < PROGRAM_ARGUMENTS);
		argv[i + 1] = arguments[i];
	}
	*p = (struct program){.out = BUF_EMPTY, .err = BUF_EMPTY, .code = -1};
	assert_int_equal(pipe2(out, O_CLOEXEC) + pipe2(err, O_CLOEXEC) + pipe2(in, O_CLOEXEC), 0);
	p->pid = fork();
	assert_true(p->pid >= 0);
	if (p->pid == 0) {
		(void)dup2(in[0], STDIN_FILENO);
		(void)dup2(out_file == NULL ? out[1] : open(out_file, O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
		(void)dup2(err[1], STDERR_FILENO);
		execve(path, (char *const *)(uintptr_t)argv, environment);
		_exit(127);
	}
	close(out[1]);
	close(err[1]);
	close(in[0]);
	p->out_fd = out[0];
	p->err_fd = err[0];
	p->in_fd = in[1];
	free(path);
}

static inline void
program_start(struct program *p, const char *language, const char *const *arguments)
{
	program_start_to(p, language, NULL, arguments);
}

static inline void
program_take(int *fd, struct buf *into)
{
	char chunk[4096];
	ssize_t n = read(*fd, chunk, sizeof(chunk));

	if (n > 0) {
		buf_put(into, chunk, (size_t)n);
	} else {
		close(*fd);
		*fd = -1;
	}
}

// Takes what is there within the time. True once it has ended.
static inline bool
program_poll(struct program *p, int timeout_ms)
{
	struct pollfd fds[2] = {{.fd = p->out_fd, .events = POLLIN}, {.fd = p->err_fd, .events = POLLIN}};
	int status;

	if (p->code >= 0) {
		return true;
	}
	(void)poll(fds, 2, timeout_ms);
	if (fds[0].revents != 0) {
		program_take(&p->out_fd, &p->out);
	}
	if (fds[1].revents != 0) {
		program_take(&p->err_fd, &p->err);
	}
	if (p->out_fd >= 0 || p->err_fd >= 0) {
		return false;
	}
	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	assert_true(WIFEXITED(status)); // neither a crash nor a signal
	p->code = WEXITSTATUS(status);
	return true;
}

static inline void
program_close_input(struct program *p)
{
	if (p->in_fd >= 0) {
		close(p->in_fd);
		p->in_fd = -1;
	}
}

static inline void
program_fini(struct program *p)
{
	program_close_input(p);
	buf_fini(&p->out);
	buf_fini(&p->err);
}

// ---- fixture of tests that need one program and nothing else

static inline int
program_set_up(void **state)
{
	struct program *p = calloc(1, sizeof(*p));

	p->in_fd = -1;
	*state = p;
	return 0;
}

static inline int
program_tear_down(void **state)
{
	program_fini(*state);
	free(*state);
	return 0;
}

// ---- runs

static inline void
program_run_in(struct program *p, const char *language, struct view input, const char *const *arguments)
{
	program_fini(p);
	program_start(p, language, arguments);
	while (input.len > 0) {
		ssize_t n = write(p->in_fd, input.data, input.len);

		assert_true(n > 0);
		input = view_of(input.data + n, input.len - (size_t)n);
	}
	program_close_input(p);
	while (!program_poll(p, 1000)) {
	}
}

#define run_enlace(p, ...) program_run_in(p, "C", VIEW_EMPTY, (const char *const[]){__VA_ARGS__, NULL})
#define run_enlace_on(p, input, ...) program_run_in(p, "C", input, (const char *const[]){__VA_ARGS__, NULL})
#define run_enlace_es(p, ...) program_run_in(p, "es_MX.UTF-8", VIEW_EMPTY, (const char *const[]){__VA_ARGS__, NULL})

#define assert_said(text, part) \
	do { \
		if (strstr(buf_cstr(text), part) == NULL) { \
			fail_msg("\"%s\" is not in: %s", part, buf_cstr(text)); \
		} \
	} while (0)
#define assert_not_said(text, part) assert_null(strstr(buf_cstr(text), part))
#define assert_ended(p, wanted) \
	do { \
		if ((p)->code != (wanted)) { \
			fail_msg("exit code %d, not %d; it said: %s", (p)->code, (wanted), buf_cstr(&(p)->err)); \
		} \
	} while (0)

#endif
