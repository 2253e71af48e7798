# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# From a machine's name in machines.txt to its result lines. Sourced after tests/lib.sh.
#
#     prepare NAME...                what goes into the machines, made once and kept below $store until one of its sources changes
#     machine_boot BOOT SCRIPTS      BOOT: NAME, or NAME.counted for $timed_scripts (boot.sh)
#     machine_judge BOOT             prints its result lines and what its console says of the kernel
here=$top/tests/vm
store=$BUILD/vm

timed_scripts='21-truth-times 22-truth-counts' # in the boot with a true clock
all_scripts=$(cd "$here/guest" && for script in [0-9]*.sh; do echo "${script%.sh}"; done)

arch_of() { awk -v name="$1" '$1 == name {print $2}' "$here/machines.txt"; }
cpu_of() { awk -v name="$1" '$1 == name {print $5}' "$here/machines.txt"; }

emulator_of() { case $1 in arm64) echo qemu-system-aarch64 ;; *) echo "qemu-system-$1" ;; esac; }

# ---- what goes in --------------------------------------------------------------------------------------------------

# That it is static is part of what is tested: people copy it onto servers.
build_ecli() { # ARCH
	[ "$1" != arm64 ] || "$top/packaging/cross/build.sh" arm64 "$BUILD/arm64"
}

ecli_of() { case $1 in arm64) echo "$BUILD/arm64/ecli" ;; *) echo "$ECLI" ;; esac; }
compiler_of() { case $1 in arm64) echo aarch64-linux-gnu-gcc ;; *) echo "${CC:-cc}" ;; esac; }
strip_of() { case $1 in arm64) echo aarch64-linux-gnu-strip ;; *) echo strip ;; esac; }

busybox_of() { # ARCH
	case $1 in
	arm64) echo "${XDG_CACHE_HOME:-$HOME/.cache}/ecli-test/sysroot/$(. /etc/os-release && echo "$VERSION_CODENAME")-arm64/bin/busybox" ;;
	*) command -v busybox ;;
	esac
}

# What a folder of the store is made of: sources of tests and tools, compilers, and the kernel that lends its types.
sources_sum() { # packages|programs
	local sum=$scratch/sources.$1 compilers
	[ -s "$sum" ] || {
		if [ "$1" = packages ]; then
			set -- -name '*.bpf.c' -o -name '*.in' -o -name build.sh -o -name variants.sh
			sha256sum "$ECC" "$PACKAGES"/*/package.json
			uname -rv
			compilers=clang
		else
			set -- -name '*.c' ! -name '*.bpf.c' -o -name build.sh
			compilers="${CC:-cc} aarch64-linux-gnu-gcc"
		fi
		find "$top/tests" "$top/tools" "$top/src/compile/prelude" -type f \( -name '*.h' -o "$@" \) -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
		sha256sum "$here/contents.txt" "$here/machine.sh" "$here/initramfs.sh"
		for tool in $compilers; do command -v "$tool" && "$tool" --version; done
		dpkg-query -W 'clang*' libbpf-dev linux-libc-dev libc6-dev 'libc6-dev-*'
	} >"$sum" 2>/dev/null
	cat "$sum"
}

# stored NAME KIND KEY FUNCTION [ARG...]: sets $stored to a folder that FUNCTION [ARG...] FOLDER has filled, now or before, and which is packed
# in $stored.cpio.
stored() {
	local name=$1
	stored=$store/$1-$({ sources_sum "$2"; echo "$3"; } | sha256sum | cut -c 1-16)
	shift 3
	[ ! -s "$stored.cpio" ] || return 0
	rm -rf "$store/$name"-*
	mkdir -p "$stored"
	"$@" "$stored" && "$here/initramfs.sh" --folder "$stored.new" "$stored" && mv "$stored.new" "$stored.cpio"
}

# compile ROOT TARGET-OPTION...: everything of contents.txt and the lessons.
compile() {
	local root=$1 word name source header
	shift
	while read -r word name source header; do
		[ "$word" = package ] || continue
		mkdir -p "$root/packages/$name"
		"$ECC" "$@" -o "$root/packages/$name" "$top/$source" ${header:+"$top/$header"} || return 1
	done <"$here/contents.txt"
	printf '#!/bin/sh\nexec "%s" %s "$@"\n' "$ECC" "$*" >"$scratch/ecc" && chmod +x "$scratch/ecc" &&
		"$top/tests/tutorial/build.sh" "$root/tutorial" "$scratch/ecc"
}

# The packages, compiled once, for all architectures.
build_packages() { # ROOT
	local package
	for package in "$PACKAGES"/*/package.json; do
		install -m 644 -D "$package" "$1/packages/${package#"$PACKAGES"/}" || return 1
	done
	compile "$1" && "$top/tests/truth/variants.sh" "$ECC" "$1/truth/variants"
}

# Once more for another architecture, but only what reads registers: laid over the others.
build_registers() { # ARCH ROOT
	local other=$scratch/other-$1 package
	# A source that names x86's registers itself compiles for x86 only: its package stays, and ecli refuses it there in a sentence.
	compile "$other" --target "$1" || [ -s "$other/tutorial/02-kprobe/unlink/package.json" ] || return 1
	(cd "$other" && find . -name package.json) | while read -r package; do
		jq -e .meta.target_arch "$other/$package" >/dev/null || continue
		install -m 644 -D "$other/$package" "$2/$package"
	done
}

# Packages with the types of the machines' kernels inside, as btfhub names them: of all machines in one package.
build_embedded() { # ARCH ROOT
	local types=$scratch/types none=$scratch/none
	mkdir -p "$none/debian/0/$1" && cp "$types/debian/0/$1/$(ls "$types/debian/0/$1" | head -n 1)" "$none/debian/0/$1/1.2.3.btf" &&
		"$ECC" --btf-for "$types" -o "$2/embedded/exitsnoop" "$top/tools/exitsnoop/exitsnoop.bpf.c" "$top/tools/exitsnoop/exitsnoop.h" &&
		"$ECC" --target "$1" --btf-for "$types" -o "$2/embedded/ends" "$here/sources/ends.bpf.c" &&
		"$ECC" --target "$1" --btf-for "$none" -o "$2/embedded/other" "$here/sources/ends.bpf.c"
}

# The types of the machines' kernels, in $scratch/types; their releases in $scratch/releases.
take_types() { # MACHINE...
	local types=$scratch/types name kernel release
	: >"$scratch/releases"
	for name in "$@"; do
		kernel=$("$here/kernels.sh" "$name" 2>/dev/null) || continue
		[ -s "$kernel/btf" ] || { "$here/btf_of.sh" "$kernel/vmlinuz" "$kernel/btf.$$" && mv "$kernel/btf.$$" "$kernel/btf"; } || return 1
		release=$(cat "$kernel/release")
		mkdir -p "$types/debian/0/$(arch_of "$name")"
		cp "$kernel/btf" "$types/debian/0/$(arch_of "$name")/$release.btf"
		echo "$release" >>"$scratch/releases"
	done
}

build_programs() { # ARCH ROOT
	local root=$2 word name source compiler
	compiler=$(compiler_of "$1")
	mkdir -p "$root/bin"
	while read -r word name source; do
		[ "$word" = program ] || continue
		"$compiler" -std=gnu17 -D_GNU_SOURCE -O1 -g -static -Wl,--strip-debug -o "$root/bin/$name" "$top/$source" -pthread || return 1
	done <"$here/contents.txt"
	CC=$compiler "$top/tests/truth/build.sh" "$root/truth/bin" -static -Wl,--strip-debug
}

# What changes with every change of ecli or of a test: packed anew each time.
build_root() { # ARCH ROOT
	mkdir -p "$2"/{bin,tests,attach,rights,truth,build/tests/support}
	install -m 755 "$(ecli_of "$1")" "$2/bin/ecli" && "$(strip_of "$1")" "$2/bin/ecli" &&
		ln -s /bin/patient "$2/build/tests/support/patient" &&
		cp "$top/tests/lib.sh" "$2/tests/" &&
		cp "$top/tests/live/attach/run.sh" "$2/attach/" &&
		cp "$top/tests/live/rights/run.sh" "$top/docs/rights.md" "$2/rights/" &&
		cp "$top"/tests/truth/*.{sh,inc,awk} "$2/truth/"
}

# The packages lie below these folders, for table.sh.
package_roots=

prepare_arch() { # ARCH
	local root=$scratch/root-$1 part parts
	stored packages packages '' build_packages && parts=$stored || return 1
	if [ "$1" != x86_64 ]; then
		stored "registers-$1" packages '' build_registers "$1" && parts="$parts $stored" || return 1
	fi
	if [ -d "$scratch/types/debian/0/$1" ]; then
		stored "embedded-$1" packages "$(cat "$scratch/releases")" build_embedded "$1" && parts="$parts $stored" || return 1
	fi
	package_roots="$package_roots $parts"
	stored "programs-$1" programs '' build_programs "$1" && parts="$parts $stored" || return 1
	build_root "$1" "$root" && "$here/initramfs.sh" "$scratch/initramfs-$1" "$(busybox_of "$1")" "$root" || return 1
	for part in $parts; do cat "$part.cpio"; done >>"$scratch/initramfs-$1"
}

prepare() { # MACHINE...
	local arch
	mkdir -p "$store"
	if ! take_types "$@" >"$scratch/types.out" 2>&1; then
		not_ok "types" "a kernel's could not be taken" "$scratch/types.out"
		return 1
	fi
	for arch in $(for name in "$@"; do arch_of "$name"; done | sort -u); do
		if ! build_ecli "$arch" >"$scratch/static.out" 2>&1; then
			not_ok "static ecli for $arch" "it does not build" "$scratch/static.out"
			return 1
		fi
		if readelf -l "$(ecli_of "$arch")" | grep -q INTERP; then
			not_ok "static ecli for $arch" "it needs shared libraries"
		else
			ok "static ecli for $arch"
		fi
		if ! prepare_arch "$arch" >"$scratch/root.out" 2>&1; then
			not_ok "initramfs for $arch" "it could not be made" "$scratch/root.out"
			return 1
		fi
	done
}

# ---- the machine ---------------------------------------------------------------------------------------------------

# machine_boot BOOT SCRIPTS: once, and up to twice more when the emulator tripped: QEMU without KVM now and then let a kernel die while it
# booted, before anything of ours had run, or of an int3 that the kernel itself had put into its code and taken out again, which a real
# CPU cannot run into. With one thread for all CPUs (boot.sh) 12 boots of 5.10 in a row saw neither. Nothing else is tried again.
# Status 1: there is no kernel.
machine_boot() {
	local name=${1%.counted} folder=$scratch/$1 counted='' sleeps='' arch kernel release try code
	[ "$1" = "$name" ] || counted=1
	case " $2 " in *-sleep*) sleeps=1 ;; esac
	arch=$(arch_of "$name")
	mkdir -p "$folder/own/embedded/btf"
	kernel=$("$here/kernels.sh" "$name" 2>"$folder/kernel.err") || return 1
	release=$(cat "$kernel/release")
	echo "$release" >"$folder/release"
	cp -r "$kernel/modules" "$folder/own/" && ln "$scratch/types/debian/0/$arch/$release.btf" "$folder/own/embedded/btf/" &&
		"$here/initramfs.sh" --folder "$folder/own.cpio" "$folder/own" && cat "$scratch/initramfs-$arch" "$folder/own.cpio" >"$folder/initramfs"
	for try in 1 2 3; do
		code=0
		ECLI_VM_COUNTED=$counted ECLI_VM_SLEEPS=$sleeps ECLI_VM_CPU=$(cpu_of "$name") "$here/boot.sh" "$arch" "$kernel/vmlinuz" "$folder/initramfs" "$folder" \
			"ecli_machine=$name" "ecli_kernel=$release" "ecli_only=$(echo $2 | tr ' ' ,)" 2>"$folder/qemu.err" |
			sed -nu "s/^begin /$1: begin /p" # chatter: it gets on
		code=${PIPESTATUS[0]}
		echo "$code" >"$folder/status"
		grep -aq 'Oops: int3' "$folder/console" || ! [ -s "$folder/results" ] || break
		echo "$name: the emulator tripped (try $try)" >&2
	done
	rm -rf "$folder"/{initramfs,own,own.cpio}
}

# The result lines of a machine's output, with its name, in their order. A skip is right when not-here.txt expects it of this machine, with
# this sentence. After each script with a failure comes how to run only that.
judge_lines() { # NAME RESULTS
	awk -v machine="$1" -v alone="$(alone "$1/@")" -v all="${all_tests:-}" '
		function trim(text) { gsub(/^ +| +$/, "", text); return text }
		function judge_skip(line,    name, text, i, known) {
			name = text = line
			sub(/^skip /, "", name); sub(/ - .*/, "", name)
			text = index(line, " - ") ? substr(line, index(line, " - ") + 3) : ""
			for (i = 1; i <= count; i++)
				if (name ~ "^(" test[i] ")$" && text ~ "^(" why[i] ")$") { known = 1; used[i] = 1 }
			if (known) print "ok " machine ": " name " cannot run here: " text
			else {
				print "not ok " machine ": " name " - skipped for a reason that tests/vm/not-here.txt does not expect of this machine: " text
				failed = 1
			}
		}
		function script_ended(    text) {
			text = alone
			gsub(/@/, script, text)
			if (failed && script != "") print text
			failed = 0
		}
		FNR == NR {
			if ($0 ~ /^#/ || NF == 0) next
			n = split($0, part, / \| /)
			if (n == 3 && machine ~ "^(" trim(part[1]) ")$") { test[++count] = trim(part[2]); why[count] = trim(part[3]) }
			next
		}
		/^end$/ { exit }
		/^begin / { script = $2 }
		/^took / { script_ended(); script = "" }
		/^ok / { print "ok " machine ": " substr($0, 4) }
		/^not ok / { print "not ok " machine ": " substr($0, 8); failed = 1 }
		/^skip / { judge_skip($0) }
		/^#   alone:/ { next } # what runs only that here
		/^#/
		END {
			script_ended()
			for (i = 1; i <= count && all; i++)
				if (!used[i]) print "not ok " machine ": not-here.txt: " test[i] " - this machine did not skip it: " why[i]
		}' "$here/not-here.txt" "$2"
}

# The tests of README.md's table of kinds as cells: the same form, the package is "kind TEST".
kind_cells() { # NAME RESULTS
	sed -n 's/^| `.*` | \([a-z0-9_]*\) | .*/\1/p' "$top/tests/live/attach/README.md" | awk -v machine="$1" -v OFS='\t' '
		FNR == NR { if (/^(ok|skip) /) { name = $2; sub(/^(ok|skip) [^ ]*( - )?/, "what: "); line[name] = $0 } next }
		("attach-" $1) in line {
			why = substr(line["attach-" $1], 7)
			print machine, "kind " $1, why == "" ? "runs" : "no", why
		}' "$2" -
}

how_it_ended() { # BOOT STATUS
	case $2 in
	124) echo "hung: $(sed -n 's/^patient: .* hung: \(.*\); of it.*/\1/p' "$scratch/$1/qemu.err") without a line" ;;
	*) echo "ended with status $2" ;;
	esac
}

# Which script it was in, if any, and what that had said last.
script_at_end() { awk '/^begin / { name = $2 } /^took / { name = "" } END { print name }' "$1"; } # RESULTS
doing() { # RESULTS
	local script
	script=$(script_at_end "$1")
	if [ ! -s "$1" ]; then
		echo "before its first test"
	elif [ -z "$script" ]; then
		echo "after its last line: $(tail -n 1 "$1")"
	else
		awk -v name="$script" '/^begin / { said = "" } /^(ok|not ok|skip) / { said = $0 }
			END { print "in " name (said == "" ? ", which had said nothing" : ", after: " said) }' "$1"
	fi
}

# The console and the CPU seconds of each line stay with the logs.
machine_judge() { # BOOT
	local s=${1%.counted} folder=$scratch/$1 status script
	status=$(cat "$folder/status")
	sed -n 's/^cell\t/'"$s"'\t/p' "$folder/results" >"$folder/cells"
	kind_cells "$s" "$folder/results" >>"$folder/cells"
	mkdir -p "$BUILD/test-logs"
	cp "$folder/spent" "$BUILD/test-logs/vm-$1.spent"
	cp "$folder/console" "$BUILD/test-logs/vm-$1.console"
	judge_lines "$s" "$folder/results"
	if ! grep -aqE 'WARNING: |BUG: |Oops: |Internal error: |Kernel panic|rcu: INFO: .*stall' "$folder/console"; then
		ok "$s: the kernel has nothing to complain about"
	else
		not_ok "$s: the kernel has nothing to complain about" "it has" "$folder/console"
		alone "$s"
	fi
	if [ "$status" != 0 ] || ! grep -qx end "$folder/results"; then
		script=$(script_at_end "$folder/results")
		not_ok "$s: all tests ran" "the machine $(how_it_ended "$1" "$status"), $(doing "$folder/results")" "$folder/console" "$folder/qemu.err"
		alone "$s${script:+/$script}"
	fi
}
