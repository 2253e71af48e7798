# SPDX-License-Identifier: MIT
# A kernel that does not tell its types: /sys/kernel/btf is empty. Packages with types in them (ecc --btf-for) run, and with right values;
# those that need none run; the others say what is missing.
. /tests/lib.sh

mkdir -p /tmp/nothing
mount --bind /tmp/nothing /sys/kernel/btf
if [ -e /sys/kernel/btf/vmlinux ]; then
	not_ok "no BTF" "/sys/kernel/btf could not be hidden"
	exit 0
fi

# A child that ends with status 7: what the tools say of it must be that.
child() {
	sh -c 'echo $$ >/tmp/child; exit 7'
	child=$(cat /tmp/child)
}

# embedded NAME PACKAGE PATTERN: @ is the child's id, ^ this shell's.
embedded() {
	if ! start_ecli -o json "$2"; then
		not_started "$1"
		return
	fi
	child
	pattern=$(echo "$3" | sed "s/@/$child/g; s/\\^/$$/g")
	wait_rows "$pattern" 1
	found=$?
	stop_ecli
	if ! grep -q 'taken as this kernel.s type information' /tmp/messages; then
		not_ok "$1" "the types in the package were not taken" /tmp/messages
	elif [ $found != 0 ]; then
		not_ok "$1" "no row has $pattern" /tmp/rows /tmp/messages
	else
		ok "$1"
	fi
}

embedded "no BTF: exitsnoop with types in the package" /embedded/exitsnoop/package.json '"pid":@,"ppid":^,"exit_code":7,'
embedded "no BTF: kprobe with types in the package" /embedded/ends/package.json '"pid":@,"ppid":^,"code":1792,"comm":"sh"'

# The same through a file.
if start_ecli -o json --btf "/embedded/btf/$(uname -r).btf" ends; then
	child
	if wait_rows "\"pid\":$child,\"ppid\":$$,\"code\":1792,\"comm\":\"sh\"" 1 && stop_ecli; then
		ok "no BTF: --btf FILE"
	else
		not_ok "no BTF: --btf FILE" "no row has the child" /tmp/rows /tmp/messages
	fi
else
	not_started "no BTF: --btf FILE"
fi

if start_ecli -o json plain; then
	/bin/true
	if wait_rows '"comm":"true"' 1 && stop_ecli; then
		ok "no BTF: a tool that needs no types"
	else
		not_ok "no BTF: a tool that needs no types" "no row says true" /tmp/rows /tmp/messages
	fi
else
	not_ok "no BTF: a tool that needs no types" "it did not start" /tmp/messages
fi

# refused NAME PACKAGE SENTENCE: status 3 and that sentence.
refused() {
	# (A loader program would not notice: the kernel itself still has its types.)
	ecli run --loader libbpf --duration 1 "$2" >/tmp/rows 2>/tmp/messages
	code=$?
	if [ $code = 3 ] && [ "$(grep -c '^ecli: ' /tmp/messages)" = 1 ] && grep -qE "^ecli: $3" /tmp/messages; then
		ok "$1"
	else
		not_ok "$1" "status $code, or another sentence" /tmp/messages
	fi
}
refused "no BTF: a tool without types says so" ends 'this kernel has no type information of itself .*--btf'
refused "no BTF: fentry says that the kernel must have them" /tutorial/03-fentry/unlink/package.json 'this kernel has no type information of itself'
refused "no BTF: types of other kernels are none" /embedded/other/package.json 'this kernel has no type information of itself'

umount /sys/kernel/btf
