# SPDX-License-Identifier: MIT
# A loader program is what brings the tools into kernels that have it (5.17 and later, for relocations), older kernels get them from
# libbpf; and asked for either way the rows are the same.
. /tests/lib.sh

way='loaded by a loader program'
case $ecli_kernel in
5.10*) way='loaded by libbpf: ' ;;
esac
for tool in runqslower exitsnoop unlinksnoop; do
	if ! start_ecli -v "$tool"; then
		not_ok "$tool is $way" "ecli ended before it was ready" /tmp/messages
		continue
	fi
	stop_ecli
	# Of several tries the last one is what runs.
	if grep 'loaded by' /tmp/messages | tail -n 1 | grep -q "$way"; then
		ok "$tool is $way"
	else
		not_ok "$tool is $way" "-v says something else" /tmp/messages
	fi
done

ways='auto libbpf'
[ "$way" = 'loaded by libbpf: ' ] || ways="$ways program"
for how in $ways; do
	if start_ecli --loader $how -o json unlinksnoop; then
		: >/tmp/loader-file
		rm /tmp/loader-file
		wait_rows '"ret":0,"comm":"rm","filename":"/tmp/loader-file"' 1
		found=$?
		if stop_ecli && [ $found = 0 ]; then
			ok "unlinksnoop tells the truth with --loader $how"
			continue
		fi
	fi
	not_ok "unlinksnoop tells the truth with --loader $how" "it ended or has no such row" /tmp/rows /tmp/messages
done
