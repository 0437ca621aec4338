#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs test programs, each with a deadline, prints the output of those that fail, and ends with "N passed, N failed".
# A cmocka program counts its own tests ("[  PASSED  ] N test(s)."); a script counts as one, or prints such a line itself.
set -u
passed=0 failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for test in "$@"; do
	start=$SECONDS
	timeout "${TEST_TIMEOUT:-180}" "$test" >"$log" 2>&1
	code=$?
	p=$(sed -nE 's/^\[  PASSED  \] ([0-9]+) test.*/\1/p' "$log" | awk '{n += $1} END {print n + 0}')
	script=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
	f=$(sed -nE 's/^\[  FAILED  \] ([0-9]+) test.*/\1/p' "$log" | awk '{n += $1} END {print n + 0}')
	if [ -n "$script" ]; then
		p=${script%% *}
		f=${script#*, }
		f=${f%% *}
	fi
	if [ "$code" -eq 0 ]; then
		[ "$p" -eq 0 ] && p=1
		f=0
	elif [ "$f" -eq 0 ]; then
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f))
	if [ "$code" -ne 0 ]; then
		printf '  FAIL     %s (exit %d)\n' "${test#"$PWD"/}" "$code"
		sed 's/^/    /' "$log" | tail -n 120
	else
		printf '  ok       %-60s %4d tests %3d s\n' "${test#"$PWD"/}" "$p" $((SECONDS - start))
	fi
done
[ -n "${TEST_TALLY:-}" ] && echo "$passed $failed" >>"$TEST_TALLY"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
