# SPDX-License-Identifier: MIT
# A loader program is what brings the tools into kernels that have it (5.17 and later, for relocations), older kernels get them from
# libbpf; and asked for either way the rows are the same.
. /tests/guest.inc

way='loaded by a loader program'
case $(word ecli_kernel) in
5.10*) way='loaded by libbpf: ' ;;
esac
for tool in runqslower exitsnoop unlinksnoop; do
	if ! start_tool "$tool"; then
		not_ok "$tool is $way" "ecli ended with status $status before it was ready" "$err"
		continue
	fi
	stop_ecli
	# Of several tries the last one is what runs.
	if grep 'loaded by' "$err" | tail -n 1 | grep -q "$way"; then
		ok "$tool is $way"
	else
		not_ok "$tool is $way" "-v says something else" "$err"
	fi
done

ways='auto libbpf'
[ "$way" = 'loaded by libbpf: ' ] || ways="$ways program"
for how in $ways; do
	if start_tool --loader $how -o json unlinksnoop; then
		: >/tmp/loader-file
		rm /tmp/loader-file
		if stop_ecli && has_text "$rows" '"ret_raw":0,"comm":"rm","filename":"/tmp/loader-file"'; then
			ok "unlinksnoop tells the truth with --loader $how"
			continue
		fi
	fi
	not_ok "unlinksnoop tells the truth with --loader $how" "status $status (want 0), or no row of rm and /tmp/loader-file" "$rows" "$err"
done
