# SPDX-License-Identifier: MIT
# Functions of which the kernel has several with one name, and those that its compiler renamed: all are probed, or a sentence says what the name is.
. /tests/guest.inc

probe() { # TARGET: its status; check says the same as run
	local checked=0
	"$ECLI" check /packages/attach/package.json --attach "trace_kprobe=$1" >"$scratch/checked" 2>&1 || checked=$?
	start_ecli -v /packages/attach/package.json --attach "trace_kprobe=$1" && stop_ecli
	[ "$checked" = "$status" ] || not_ok "functions-$1" "check says $checked, run $status" "$scratch/checked" "$err"
	return "$status"
}
count() { grep -cE " [tT] $1\$" /proc/kallsyms; } # FUNCTION

# Of the names that the kernel has several times, one of which it lets all be probed; of those that end with .isra.N, one that has no other form.
allowed=$scratch/allowed
cut -d ' ' -f 1 /sys/kernel/tracing/available_filter_functions >"$allowed" 2>/dev/null
several= renamed=
eval "$(awk '
	FNR == NR { allowed[$1]++; next }
	$2 ~ /^[tT]$/ && NF == 3 { has[$3]++; stem = $3; sub(/\..*/, "", stem); forms[stem]++ }
	END {
		for (name in has) {
			stem = name
			if (name !~ /\./ && has[name] > 1 && allowed[name] == has[name]) several = name
			if (sub(/\.isra\.[0-9]+$/, "", stem) && stem !~ /\./ && forms[stem] == 1 && allowed[name]) renamed = name
		}
		print "several=" several " renamed=" renamed
	}' "$allowed" /proc/kallsyms)"
if [ ! -s "$allowed" ] || [ -z "$several" ]; then
	lacks functions-several "this kernel does not list what can be probed"
elif probe "$several"; then
	if grep -qE "^ecli: trace_kprobe: this kernel has $(count "$several") functions $several; $(count "$several") of them are probed$" "$err"; then
		ok functions-several
	else
		not_ok functions-several "it is not said of $several that there are $(count "$several") of them" "$err"
	fi
elif [ "$status" = 3 ] && grep -q "this kernel has several functions $several and does not say where they are" "$err"; then
	ok functions-several
else
	not_ok functions-several "$several: status $status, and no sentence" "$err"
fi

if [ -z "$renamed" ]; then
	lacks functions-renamed "this kernel has no function that its compiler renamed"
else
	probe "${renamed%%.*}"
	if [ "$status" = 3 ] && grep -qF "the compiler made $renamed of it" "$err"; then ok functions-renamed
	else not_ok functions-renamed "${renamed%%.*}: status $status, or $renamed is not named" "$err"; fi
	if probe "$renamed"; then ok functions-renamed-by-name; else not_ok functions-renamed-by-name "$renamed: status $status" "$err"; fi
fi
