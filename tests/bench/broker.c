// SPDX-License-Identifier: Apache-2.0
// A real enlaced in a process of its own, on a free port and a journal in a temporary folder on the same disk as the reference.
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"

static void
key(struct bench_broker *b, const char *name, const char *agency, struct cert *ret)
{
	char path[512];

	if (cert_generate(ret) != EN_OK) {
		bench_fail("keys", name);
	}
	snprintf(ret->agency, sizeof(ret->agency), "%s", agency);
	snprintf(path, sizeof(path), "%s/keys/%s.cert", b->folder, name);
	if (agency[0] != '\0') {
		if (cert_save_public(path, ret) != EN_OK) {
			bench_fail("keys", path);
		}
		return;
	}
	snprintf(path, sizeof(path), "%s/%s.cert", b->folder, name);
	if (cert_save(path, ret) != EN_OK) {
		bench_fail("keys", path);
	}
}

static void
settings(const struct bench_broker *b, const char *path)
{
	char here[256];
	FILE *file = fopen(path, "we");

	if (file == NULL || getcwd(here, sizeof(here)) == NULL) {
		bench_fail("settings", path);
	}
	fprintf(file,
	    "listen: \"tcp://127.0.0.1:*\"\nkey: \"%s/broker.cert_secret\"\nkeys: \"%s/keys\"\nrules: \"%s/tests/bench/config\"\n"
	    "schemas: \"%s/build/schemas\"\njournal: \"%s/journal\"\nid_secret: \"%s/journal/id.secret\"\nuser: nobody\n"
	    "log_level: info\n",
	    b->folder, b->folder, here, here, b->folder, b->folder);
	fclose(file);
}

// The line that says ready holds the endpoint.
static void
wait_ready(struct bench_broker *b, int fd)
{
	char text[16384];
	size_t len = 0;
	const char *at;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (poll(&p, 1, 20000) <= 0 || (n = read(fd, text + len, sizeof(text) - 1 - len)) <= 0) {
			text[len] = '\0';
			bench_fail("enlaced did not start", text);
		}
		len += (size_t)n;
		text[len] = '\0';
		at = strstr(text, "\"listen\":\"");
		if (at != NULL && strchr(at + 10, '"') != NULL) {
			break;
		}
	}
	snprintf(b->endpoint, sizeof(b->endpoint), "%.*s", (int)strcspn(at + 10, "\""), at + 10);
}

void
bench_broker_start(struct bench_broker *b)
{
	const char *program = getenv("ENLACED");
	char path[512], *whole;
	int pipes[2];

	snprintf(b->folder, sizeof(b->folder), "build/bench/run.XXXXXX");
	whole = mkdtemp(b->folder) == NULL ? NULL : realpath(b->folder, NULL);
	if (whole == NULL || strlen(whole) >= sizeof(b->folder) || chmod(whole, 0755) != 0) {
		bench_fail("cannot make a folder", b->folder);
	}
	strcpy(b->folder, whole);
	free(whole);
	snprintf(path, sizeof(path), "%s/keys", b->folder);
	mkdir(path, 0755);
	key(b, "broker", "", &b->broker);
	key(b, "in", "bench-in", &b->publisher);
	key(b, "out", "bench-out", &b->subscriber);
	snprintf(path, sizeof(path), "%s/enlace.yaml", b->folder);
	settings(b, path);
	if (pipe(pipes) != 0) {
		bench_fail("pipe", "");
	}
	b->pid = fork();
	if (b->pid == 0) {
		dup2(pipes[1], STDERR_FILENO);
		close(pipes[0]);
		close(pipes[1]);
		execl(program, program, "-c", path, (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	wait_ready(b, pipes[0]);
	// Kept open: a broker that logs must not get SIGPIPE. A full pipe would stop it, so it logs little here.
}

void
bench_broker_stop(struct bench_broker *b)
{
	char command[600];
	int status;

	kill(b->pid, SIGTERM);
	waitpid(b->pid, &status, 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", b->folder);
	if (system(command) != 0) {
		fprintf(stderr, "bench: %s stays\n", b->folder);
	}
}
