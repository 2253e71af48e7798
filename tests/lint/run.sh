#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The rules that can be checked by reading. First each check is shown a bad file and must refuse it, and a good one and must
# not: a check that cannot fail is worse than none. Then it reads the tree.
source "$(dirname "$0")/../lib.sh"
lint=$top/tests/lint
source "$lint/checks.sh"
if [ $# != 0 ]; then
	not_ok lint "it has no parts: $*"
	exit 1
fi

tree_files() {
	# A checkout made by one user and tested by another (sudo) is fine here: nothing of it is executed by git.
	git -c safe.directory='*' ls-files -co --exclude-standard 2>/dev/null || find . -type f -not -path './build*' -printf '%P\n'
}

# bad CHECK PATH TEXT: the check must refuse a tree with only this file. good: it must accept it.
bad() { sample refuses "$@"; }
good() { sample accepts "$@"; }
sample() { # refuses|accepts CHECK PATH TEXT
	local tree verdict=accepts said=
	tree=$(mktemp -d "$scratch/tree.XXXXXX")
	mkdir -p "$tree/$(dirname "$3")"
	printf '%b' "$4" >"$tree/$3"
	cp "$top/.clang-format" "$tree/"
	said=$(cd "$tree" && files=$3 && "check_$2") || verdict=refuses
	count=$((count + 1))
	if [ "$verdict" != "$1" ]; then
		printf '%s\n' "$said" >"$tree/said"
		not_ok "$2: self-test $count" "it $verdict a file that it should not: $3" "$tree/said"
		samples_ok=false
	elif [ "$1" = refuses ] && [[ $said != *"${3##*/}"* ]]; then
		printf '%s\n' "$said" >"$tree/said"
		not_ok "$2: self-test $count" "it refuses $3 without naming it" "$tree/said"
		samples_ok=false
	fi
}

spdx='/* SPDX-License-Identifier: MIT */\n'
dual='/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */\n'
essay='/*\n * Reads what there is to read.\n * It never writes.\n * It does not guess.\n */\n'
many() { for ((i = 0; i < $1; i++)); do printf 'int x%d;\\n' "$i"; done; }

samples_layers() {
	bad layers src/base/x.c '#include "types/y.h"\n'
	bad layers src/base/x.c '#include <ecli/types.h>\n'
	bad layers src/render/x.c '#include <ecli/types.h>\n'
	bad layers src/package/x.c '#include <bpf/libbpf.h>\n'
	bad layers src/load/attach/x.c '#include <gelf.h>\n'
	bad layers src/load/x.c '#include <ecli/ecli.h>\n'
	bad layers src/load/x.c '#include "../base/y.h"\n'
	bad layers src/novel/x.c 'int x;\n'
	bad layers include/ecli/plan.h '#include <ecli/load.h>\n'
	bad layers include/ecli/load.h '#include <bpf/libbpf.h>\n'
	bad layers cli/ecli/run.c '#include "base/file.h"\n'
	bad layers cli/ecli/run.c '#include <curses.h>\n'
	bad layers cli/ecli/run.c '#include <jansson.h>\n'
	good layers src/types/x.c '#include "types/y.h"\n#include "base/num.h"\n#include <ecli/base.h>\n#include <bpf/btf.h>\n'
	good layers src/load/attach/x.c '#include "load/attach/y.h"\n#include <bpf/libbpf.h> /* why */\n'
	good layers include/ecli/ecli.h '#include <ecli/session.h>\n'
	good layers cli/ecli/run.c '#include <ecli/ecli.h>\n#include "common/output.h"\n#include "run.h"\n'
	good layers cli/view/draw.c '#include <curses.h>\n#include "../common/cli.h"\n#include "draw.h"\n'
}
samples_licence() {
	bad licence src/base/x.c 'int x;\n'
	bad licence tools/x/x.bpf.c "$spdx"
	bad licence tests/x.sh '#!/bin/sh\n# no licence\n'
	good licence src/base/x.c "$spdx"
	good licence tools/x/x.bpf.c "$dual"
	good licence tests/x.sh '#!/bin/sh\n# SPDX-License-Identifier: MIT\n'
}
samples_essay() {
	bad essay src/base/x.c "$spdx#include <a.h>\n"
	bad essay src/base/x.c "$spdx/* Short. */\n#include <a.h>\n"
	good essay src/base/x.c "$spdx$essay#include <a.h>\n"
}
samples_format() {
	bad format src/base/x.c 'int f( void ){return 0;}\n'
	good format src/base/x.c 'int f(void)\n{\n\treturn 0;\n}\n'
}
samples_words() {
	bad words src/base/x.c '/* TO''DO: later */\n'
	bad words docs/x.md 'FIX''ME\n'
	good words src/base/x.c 'char name[] = "XX''XXXX"; /* mastodon */\n'
}
samples_functions() {
	bad functions src/base/x.c 'x = atoi (text);\n'
	bad functions cli/ecli/x.c 'sprintf(b, "x");\n'
	good functions src/base/x.c 'snprintf(b, 1, "x"); x.atoi_count = 1;\n'
}
samples_silence() {
	bad silence src/base/x.c '\tprintf("x");\n'
	bad silence src/base/x.c '\texit(1);\n'
	bad silence src/base/x.c '\tfputs("x", stderr);\n'
	good silence src/base/x.c '/*\n * stderr is the caller'"'"'s\n */\n\t_exit(127);\n\tsnprintf(b, 1, "x");\n\tecli_err_set(err, 1, "x");\n'
}
samples_headers() {
	bad headers include/ecli/x.h 'size_t f(void);\n'
	bad headers include/ecli/x.h '#include <stddef.h>\nstatic inline int f(int a) { return ({ a; }); }\n'
	good headers include/ecli/x.h '#include <stddef.h>\nsize_t f(void);\n'
}
samples_shell() {
	bad shell tests/x.sh 'if true; then\n'
	bad shell .ci/run '#!/usr/bin/env bash\nfor\n'
	good shell tests/x.sh 'if true; then :; fi\n'
}
samples_size() {
	bad size src/base/x.c "$(many 601)"
	bad size src/base/x.c "int f(void)\n{\n$(many 81)}\n"
	good size src/base/x.c "int f(void)\n{\n$(many 70)}\n$(many 500)"
}

samples_waits() {
	waits=$scratch/waits.txt
	: >"$waits"
	bad waits tests/x.sh 'sleep 1\n'
	bad waits tests/live/x.sh 'if timeout 5 ecli; then\n'
	bad waits tests/live/x.sh 'began=$(date +%s%N)\n'
	bad waits tests/live/x.sh 'took=$((SECONDS - began))\n'
	bad waits tests/live/x.inc '\twhile read -r -t 5 line; do\n'
	bad waits tests/vm/guest/init 'sleep 1\n'
	bad waits tests/unit/x.c '\tnanosleep(&time, NULL);\n'
	bad waits tests/live/x.c '\talarm(3);\n'
	good waits tests/x.sh '# sleep 1\nwait_until true # no sleep 1\nsleepers=1\nrow "nap: sleep.c"\nmeson test --timeout-multiplier 0\n'
	good waits tests/x.sh 'all(.comm == "sleep") or "\\"comm\\":\\"sleep\\""\nqemu -icount sleep=off\n'
	good waits tests/x.c '/*\n * sleep(1)\n */\nint poll_sleep(int timeout); /* as alarm() */\n'
	good waits tests/tutorial/25-signal/x.c 'sleep(1);\n'
	good waits src/poll/x.c 'nanosleep(&time, NULL);\n'
	echo 'tests/x.sh | sleep 1 | the load of the test' >"$waits"
	good waits tests/x.sh '\tsleep 10 &\n'
	bad waits tests/x.sh '\tsleep 20 &\n'
	bad waits tests/y.sh 'sleep 1\n'
	bad waits tests/x.sh '# nothing that waits any more\n'
	echo 'tests/x.sh | a | sleep 1 | why' >"$waits"
	good waits tests/x.sh 'a | sleep 1\n'
	echo 'tests/x.sh | sleep 1 | ' >"$waits"
	bad waits tests/x.sh 'sleep 1\n'
	echo 'tests/x.sh | * | all of it' >"$waits"
	good waits tests/x.sh 'sleep 1\n'
	waits=$lint/waits.txt
}

samples_opens() {
	opens=$scratch/opens.txt
	: >"$opens"
	bad opens src/load/x.c '\tCLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);\n'
	bad opens src/load/attach/x.c '\treturn openat(dir, name, O_RDONLY);\n'
	bad opens src/load/x.c '\tif (!x &&\n\t    !ecli_file_read(path, 64, &text, err))\n'
	bad opens src/render/x.c 'FILE *file = fopen("/etc/passwd", "re");\n'
	bad opens src/load/x.c 'void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);\n'
	bad opens src/load/x.c 'struct btf *btf = btf__parse_elf(path, NULL);\n'
	bad opens src/load/x.c 'link = bpf_program__attach_uprobe_opts(prog, pid, path, offset, &opts);\n'
	bad opens src/load/x.c 'return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));\n'
	good opens src/base/x.c 'int fd = open(path, O_RDONLY);\n'
	good opens src/compile/x.c 'int fd = open(path, O_RDONLY);\n'
	good opens cli/ecli/x.c 'int fd = open(path, O_RDONLY);\n'
	good opens src/load/x.c 'view->open(ctx, 1);\nint is_open(void);\n\t/* open(2) */\nset(err, "open(2): %s", 1); /* open(2) */\nint fd = ecli_foreign_open(root, path, NULL);\n'
	echo 'src/load/x.c | open(path, O_WRONLY | O_NONBLOCK | never waits' >"$opens"
	good opens src/load/x.c 'int fd = open(path, O_WRONLY | O_NONBLOCK);\n'
	echo 'src/symbols/ | O_PATH | not read' >"$opens"
	good opens src/symbols/x.c 'int fd = openat(folder, "root", O_PATH);\n'
	bad opens src/symbols/x.c 'int fd = openat(folder, "root", O_RDONLY);\n'
	opens=$lint/opens.txt
}

run_check() { # NAME
	local out=$scratch/$1.found
	samples_ok=true count=0
	"samples_$1"
	$samples_ok && ok "$1: self-test with $count files"
	if (cd "$top" && "check_$1") >"$out" 2>&1; then
		ok "$1"
	else
		not_ok "$1" "$(wc -l <"$out") lines found" "$out"
	fi
}

cd "$top" || exit 1
# These mostly wait: beside the checks.
verdict_pids=() verdict_files=()
# beside FILE COMMAND...: runs it in the background; its result lines go to FILE, and verdicts prints them in the order of the calls.
beside() {
	verdict_files+=("$1")
	shift
	"$@" >"${verdict_files[-1]}" 2>&1 </dev/null &
	verdict_pids+=($!)
}
verdicts() {
	wait "${verdict_pids[@]}"
	cat "${verdict_files[@]}"
}
source "$lint/runner.sh"
source "$lint/harness.sh"
files=$(tree_files | while IFS= read -r f; do [ -f "$f" ] && printf '%s\n' "$f"; done)
for name in layers licence essay words functions silence headers shell size waits opens; do
	run_check "$name"
done
if has clang-format-14; then
	run_check format
else
	cannot format "clang-format-14 is not installed"
fi
verdicts
