# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What run.sh and one.sh share: from a machine's name in machines.txt to its result lines. Sourced after tests/lib.sh.
#
#     prepare NAME...          the packages, and ecli and the initramfs of each architecture, below $scratch
#     boots_of NAME            for which of its tests (ECLI_VM_ONLY) a machine boots: NAME for most, NAME.counted for those that need a true clock (boot.sh)
#     machine_boot BOOT [WORD...] (words: guest/init); machine_judge BOOT prints its result lines and what its console says of the kernel
here=$top/tests/vm

timed_tests=21-truth-times # need a true clock; no other does

boots_of() { # NAME
	case ,${ECLI_VM_ONLY:-}, in
	,$timed_tests,) echo "$1.counted" ;;
	,,|*",$timed_tests,"*) echo "$1 $1.counted" ;;
	*) echo "$1" ;;
	esac
}

# What its kernel is told of them.
words_of() { # BOOT
	case $1 in
	*.counted) echo "ecli_only=$timed_tests" ;;
	*) echo "ecli_only=${ECLI_VM_ONLY:-} ecli_not=$timed_tests" ;;
	esac
}

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

# The packages, compiled once, for all architectures; twice only what reads registers.
build_packages() {
	local root=$scratch/packages package
	mkdir -p "$root/packages" "$root/truth" "$root/attach"
	for package in "$PACKAGES"/*/package.json; do
		install -m 644 -D "$package" "$root/packages/${package#"$PACKAGES"/}" || return 1
	done
	compile "$root" &&
		cp "$top/tests/live/attach/run.sh" "$root/attach/" &&
		cp "$top"/tests/truth/*.{sh,inc,awk} "$root/truth/" &&
		"$top/tests/truth/variants.sh" "$ECC" "$root/truth/variants"
}

# The types of the machines' kernels, as btfhub names them, and packages with them inside: of all machines in one package.
build_embedded() { # MACHINE...
	local root=$scratch/packages/embedded types=$scratch/types name kernel
	for name in "$@"; do
		kernel=$("$here/kernels.sh" "$name" 2>/dev/null) || continue
		[ -s "$kernel/btf" ] || { "$here/btf_of.sh" "$kernel/vmlinuz" "$kernel/btf.$$" && mv "$kernel/btf.$$" "$kernel/btf"; } || return 1
		mkdir -p "$types/debian/0/$(arch_of "$name")" "$root/btf"
		cp "$kernel/btf" "$types/debian/0/$(arch_of "$name")/$(cat "$kernel/release").btf"
	done
	[ -d "$types" ] || return 0
	"$ECC" --btf-for "$types" -o "$root/exitsnoop" "$top/tools/exitsnoop/exitsnoop.bpf.c" "$top/tools/exitsnoop/exitsnoop.h"
}

# Packages that read registers, for one architecture, over the others.
build_registers() { # ARCH ROOT
	local other=$scratch/packages types=$scratch/types package
	if [ "$1" != x86_64 ]; then
		other=$scratch/other-$1
		# A source that names x86's registers itself compiles for x86 only: its package stays, and ecli refuses it there in a sentence.
		compile "$other" --target "$1" || [ -s "$other/tutorial/02-kprobe/unlink/package.json" ] || return 1
		(cd "$other" && find . -name package.json) | while read -r package; do
			jq -e .meta.target_arch "$other/$package" >/dev/null || continue
			cp "$other/$package" "$2/$package"
		done
	fi
	[ -d "$types" ] || return 0
	cp "$types/debian/0/$1/"*.btf "$2/embedded/btf/"
	mkdir -p "$scratch/none/debian/0/$1" && cp "$types/debian/0/$1/$(ls "$types/debian/0/$1" | head -n 1)" "$scratch/none/debian/0/$1/1.2.3.btf"
	"$ECC" --target "$1" --btf-for "$types" -o "$2/embedded/ends" "$here/sources/ends.bpf.c" &&
		"$ECC" --target "$1" --btf-for "$scratch/none" -o "$2/embedded/other" "$here/sources/ends.bpf.c"
}

build_root() { # ARCH
	local root=$scratch/root-$1 word name source compiler
	compiler=$(compiler_of "$1")
	mkdir -p "$root/bin"
	cp -r "$scratch/packages/." "$root/" &&
		install -m 755 "$(ecli_of "$1")" "$root/bin/ecli" && "$(strip_of "$1")" "$root/bin/ecli" &&
		build_registers "$1" "$root" || return 1
	while read -r word name source; do
		[ "$word" = program ] || continue
		"$compiler" -std=gnu17 -D_GNU_SOURCE -O1 -g -static -o "$root/bin/$name" "$top/$source" -pthread || return 1
	done <"$here/contents.txt"
	CC=$compiler "$top/tests/truth/build.sh" "$root/truth/bin" -static -Wl,--strip-debug &&
		"$here/initramfs.sh" "$scratch/initramfs-$1" "$(busybox_of "$1")" "$root"
}

prepare() { # MACHINE...
	local arch name
	if ! { build_packages && build_embedded "$@"; } >"$scratch/packages.out" 2>&1; then
		not_ok "packages" "they could not be made" "$scratch/packages.out"
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
		if ! build_root "$arch" >"$scratch/root.out" 2>&1; then
			not_ok "initramfs for $arch" "it could not be made" "$scratch/root.out"
			return 1
		fi
	done
}

# ---- the machine ---------------------------------------------------------------------------------------------------

# machine_boot BOOT [WORD...]: once, and up to twice more when the emulator tripped: QEMU without KVM now and then let a kernel die while it
# booted, before anything of ours had run, or of an int3 that the kernel itself had put into its code and taken out again, which a real
# CPU cannot run into. With one thread for all CPUs (boot.sh) 12 boots of 5.10 in a row saw neither. Nothing else is tried again.
# Status 1: there is no kernel.
machine_boot() {
	local name=${1%.counted} folder=$scratch/$1 counted='' arch kernel try code
	[ "$1" = "$name" ] || counted=1
	shift
	arch=$(arch_of "$name")
	mkdir -p "$folder"
	kernel=$("$here/kernels.sh" "$name" 2>"$folder/kernel.err") || return 1
	"$here/initramfs.sh" --modules "$folder/modules" "$kernel/modules"
	cp "$kernel/release" "$folder/release"
	cat "$scratch/initramfs-$arch" "$folder/modules" >"$folder/initramfs"
	for try in 1 2 3; do
		code=0
		ECLI_VM_COUNTED=$counted ECLI_VM_CPU=$(cpu_of "$name") "$here/boot.sh" "$arch" "$kernel/vmlinuz" "$folder/initramfs" "$folder" "${ECLI_VM_LIMIT:-400}" \
			"ecli_machine=$name" "ecli_kernel=$(cat "$kernel/release")" "$@" 2>"$folder/qemu.err" || code=$?
		echo "$code" >"$folder/status"
		grep -aq 'Oops: int3' "$folder/console" || ! [ -s "$folder/results" ] || break
		echo "$name: the emulator tripped (try $try)" >&2
	done
	rm -f "$folder/initramfs"
}

# A skip is right when not-here.txt expects it of this machine, with this sentence.
judge_skips() { # NAME RESULTS
	awk -v machine="$1" '
		function trim(text) { gsub(/^ +| +$/, "", text); return text }
		FNR == NR {
			if ($0 ~ /^#/ || NF == 0) next
			n = split($0, part, / \| /)
			if (n == 3 && machine ~ "^(" trim(part[1]) ")$") { test[++count] = trim(part[2]); why[count] = trim(part[3]) }
			next
		}
		/^skip / {
			name = text = $0
			sub("^skip " machine ": ", "", name); sub(/ - .*/, "", name)
			sub(/^[^-]*( - |$)/, "", text)
			if (index($0, " - ")) text = substr($0, index($0, " - ") + 3)
			known = 0
			for (i = 1; i <= count; i++) if (name ~ "^(" test[i] ")$" && text ~ "^(" why[i] ")$") { known = 1; used[i] = 1 }
			if (known) print "ok " machine ": " name " cannot run here: " text
			else print "not ok " machine ": " name " - skipped for a reason that tests/vm/not-here.txt does not expect of this machine: " text
		}
		END {
			for (i = 1; i <= count && all; i++)
				if (!used[i]) print "not ok " machine ": not-here.txt: " test[i] " - this machine did not skip it: " why[i]
		}' all="${all_tests:-}" "$here/not-here.txt" "$2"
}

# The tests of README.md's table of kinds as cells: the same form, the package is "kind TEST".
kind_cells() { # NAME RESULTS
	sed -n 's/^| `.*` | \([a-z0-9_]*\) | .*/\1/p' "$top/tests/live/attach/README.md" | awk -v machine="$1" -v OFS='\t' '
		FNR == NR { if (/^(ok|skip) /) { name = $3; sub(/^(ok|skip) [^ ]* [^ ]*( - )?/, "what: "); line[name] = $0 } next }
		("attach-" $1) in line {
			why = substr(line["attach-" $1], 7)
			print machine, "kind " $1, why == "" ? "runs" : "no", why
		}' "$2" -
}

how_it_ended() { # STATUS of boot.sh
	case $1 in
	124) echo "did not end in time" ;;
	125) echo "hung: no result came for ${ECLI_VM_STALL:-150} s" ;;
	*) echo "ended with status $1" ;;
	esac
}

# Which script it was in, and what that had said last.
doing() { # RESULTS
	[ -s "$1" ] || { echo "before its first test"; return; }
	tr -d '\r' <"$1" | awk '
		/^begin / { name = $2; said = ""; next }
		/^took / { name = ""; done = $2 }
		/^(ok|not ok|skip) / { said = $0 }
		END {
			if (name == "") print "after " done
			else print "in " name (said == "" ? ", which had said nothing" : ", after: " said)
		}'
}

machine_judge() { # BOOT
	local s=${1%.counted} folder=$scratch/$1 results=$scratch/$1/lines
	tr -d '\r' <"$folder/results" 2>/dev/null | sed -n '/^end$/q; p' | sed -E "s/^(ok|not ok|skip) /&$s: /" >"$results"
	sed -n 's/^cell\t/'"$s"'\t/p' "$results" >"$folder/cells"
	kind_cells "$s" "$results" >>"$folder/cells"
	sed -n 's/^took /'"$s"' /p' "$results" >"$BUILD/test-logs/vm-$1.took"
	grep -aE '^(ok|not ok|#) ?' "$results"
	judge_skips "$s" "$results"
	if grep -aqE 'WARNING: |BUG: |Oops: |Internal error: |Kernel panic|rcu: INFO: .*stall' "$folder/console"; then
		not_ok "$s: the kernel has nothing to complain about" "it has" "$folder/console"
	else
		ok "$s: the kernel has nothing to complain about"
	fi
	if [ "$(cat "$folder/status")" != 0 ] || ! tr -d '\r' <"$folder/results" | grep -qx end; then
		not_ok "$s: all tests ran" "the machine $(how_it_ended "$(cat "$folder/status")"), $(doing "$folder/results")" \
			"$folder/console" "$folder/qemu.err"
	fi
}
