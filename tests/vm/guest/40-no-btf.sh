# SPDX-License-Identifier: MIT
# A kernel that does not tell its types: /sys/kernel/btf is empty. Packages with types in them (ecc --btf-for) run, and with right values;
# those that need none run; the others say what is missing.
. /tests/guest.inc

mkdir -p /tmp/nothing
mount --bind /tmp/nothing /sys/kernel/btf
if [ -e /sys/kernel/btf/vmlinux ]; then
	not_ok "no BTF" "/sys/kernel/btf could not be hidden"
	exit 0
fi

# A child that ends with status 7: what the tools say of it must be that.
child() {
	sh -c 'echo $$ >"$0"; exit 7' "$scratch/child"
	read -r child <"$scratch/child"
}

# embedded NAME PACKAGE PATTERN: @ is the child's id, ^ this shell's.
embedded() {
	local pattern
	if ! start_tool -o json "$2"; then
		not_started "$1"
		return
	fi
	child
	stop_ecli
	pattern=$(echo "$3" | sed "s/@/$child/g; s/\\^/$$/g")
	if ! grep -q 'taken as this kernel.s type information' "$err"; then
		not_ok "$1" "the types in the package were not taken" "$err"
	elif [ "$status" != 0 ] || ! has_text "$rows" "$pattern"; then
		not_ok "$1" "status $status (want 0), or no row has $pattern" "$rows" "$err"
	else
		ok "$1"
	fi
}

embedded "no BTF: exitsnoop with types in the package" /embedded/exitsnoop/package.json '"pid":@,"ppid":^,"exit_code":7,'
embedded "no BTF: kprobe with types in the package" /embedded/ends/package.json '"pid":@,"ppid":^,"code":1792,"comm":"sh"'

# The same through a file.
if start_tool -o json --btf "/embedded/btf/$(uname -r).btf" ends; then
	child
	if stop_ecli && has_text "$rows" "\"pid\":$child,\"ppid\":$$,\"code\":1792,\"comm\":\"sh\""; then
		ok "no BTF: --btf FILE"
	else
		not_ok "no BTF: --btf FILE" "status $status (want 0), or no row has child $child of $$" "$rows" "$err"
	fi
else
	not_started "no BTF: --btf FILE"
fi

if start_tool -o json plain; then
	/bin/true
	if stop_ecli && has_text "$rows" '"comm":"true"'; then
		ok "no BTF: a tool that needs no types"
	else
		not_ok "no BTF: a tool that needs no types" "status $status (want 0), or no row says true" "$rows" "$err"
	fi
else
	not_ok "no BTF: a tool that needs no types" "it did not start: status $status" "$err"
fi

# refused NAME PACKAGE SENTENCE: status 3 and that sentence.
refused() {
	# (A loader program would not notice: the kernel itself still has its types.)
	local code=0
	patiently ecli run --loader libbpf --duration 1 "$2" >"$rows" 2>"$err" || code=$?
	if [ $code = 3 ] && [ "$(grep -c '^ecli: ' "$err")" = 1 ] && grep -qE "^ecli: $3" "$err"; then
		ok "$1"
	else
		not_ok "$1" "status $code (want 3), or the sentence is not: $3" "$err"
	fi
}
refused "no BTF: a tool without types says so" ends 'this kernel has no type information of itself .*--btf'
refused "no BTF: fentry says that the kernel must have them" /tutorial/03-fentry/unlink/package.json 'this kernel has no type information of itself'
refused "no BTF: types of other kernels are none" /embedded/other/package.json 'this kernel has no type information of itself'

umount /sys/kernel/btf
