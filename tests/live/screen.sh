#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tables of sampled maps on a terminal: a screen, driven with keys in tmux and looked at as it stands there, at 80x24 and 200x50. 60 marks give every
# row a known value; what is expected is computed here from what screen.bpf.c does. And every way out leaves the terminal as it was.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
has tmux || { cannot screen "tmux is missing"; exit 0; }
# A process may be called anything.
marker=$scratch/$'\e[7mh\xffx数'
cc -O1 -o "$marker" "$here/mark.c"
build screen || exit 0
package=$scratch/screen/package.json
marks() { "$marker" "$1"; }
shown='\\e[7mh\\xffx数'

# ---- a terminal ----
unset TMUX
tm() { tmux -L "ecli-$$" -f /dev/null "$@"; }
end_terminal() { tm kill-server 2>/dev/null; }
at_exit end_terminal
LANG=C.UTF-8 tm new-session -d -x 80 -y 24 "env -u LC_ALL LANG=C.UTF-8 PS1='ready> ' NO_PROMPT=1 bash --norc --noprofile -i" ||
	{ not_ok screen "tmux could not make a terminal"; exit 0; }
tm set-option -g escape-time 0 >/dev/null
keys() { tm send-keys "$@"; }
type() { tm send-keys -l "$1"; keys Enter; }
look() { tm capture-pane -p | sed 's/ *$//' >"$scratch/look"; }
shows() { look; has_text "$scratch/look" "$1"; }
until_seen() { wait_until shows "$1"; } # PATTERN: looks until a line matches
seen() { # NAME PATTERN
	if until_seen "$2"; then ok "$1"; else not_ok "$1" "no line matches $2" "$scratch/look"; fi
}
child() { pgrep -P "$(tm display -p '#{pane_pid}')" -x ecli; }
# The maps are looked at now.
look_at_maps() {
	local ecli
	ecli=$(child)
	kill -USR1 "$ecli"
	wait_until -p "$ecli" has_taken "$ecli"
}
is_alternate() { [ "$(tm display -p '#{alternate_on}')" = 1 ]; }
open_screen() { # ARGS: the screen with its first look at 60 marks; by_hand=yes: looks must be asked for
	keys C-l
	type "clear; '$ECLI' run $package $*"
	[ -z "${by_hand:-}" ] || { wait_until is_alternate && look_at_maps; }
	until_seen '^screen: totals' || { not_ok screen "it did not come up" "$scratch/look"; exit 0; }
	keys Tab
	marks 60
	[ -z "${by_hand:-}" ] || look_at_maps
	until_seen 'rows 1-[0-9]+ of 60' || { not_ok screen "60 marks did not show" "$scratch/look"; exit 0; }
}
# What screen.bpf.c has made of 60 marks, TIMES over: key count mixed comm path.
expected() { # TIMES
	awk -v times="$1" -v comm="$shown" 'BEGIN { for (i = 0; i < 60; i++) { path = ""; for (k = 0; k < i; k++) path = path sprintf("%c", 97 + k % 26)
		printf "%d\t%d\t%d\t%s\t%s\n", i, (1000 - i) * times, i * 37 % 60 - 30, comm, path } }'
}
# drawn PATH_WIDTH: these rows as the screen has them, a longer path cut.
drawn() {
	awk -F '\t' -v wide="$1" '{ path = length($5) > wide ? substr($5, 1, wide - 1) "+" : $5; line = sprintf("%3d %5d %5d %s %s", $1, $2, $3, $4, path); sub(/ *$/, "", line); print line }'
}
# same NAME STATUS ROWS...: the status line (a pattern), then titles, then these rows. What is drawn arrives in parts.
same() {
	{ printf '%-3s %5s %5s %-13s %s\n' KEY COUNT MIXED COMM PATH; cat; } >"$scratch/want"
	if wait_until is_drawn "$2"; then ok "$1"; else not_ok "$1" "not as expected (status: $2)" "$scratch/look" "$scratch/want"; fi
}
is_drawn() { # STATUS
	look
	sed -n '2,$p' "$scratch/look" | grep -v '^filter: ' | sed '$d' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$scratch/got"
	head -n 1 "$scratch/look" | grep -qE -- "$1" && cmp -s "$scratch/got" "$scratch/want"
}

# ---- 80x24 ----
type 'stty -a >'"$scratch/stty.before; echo be''fore"
until_seen '^before'
open_screen
expected 1 | sort -t "$(printf '\t')" -k2,2nr | head -n 21 | drawn 50 | same screen-80x24 '^screen: rows 2/2  rows 1-21 of 60  by count, greatest first  total, every .*\+$'
[ "$(tm display -p '#{alternate_on}')" = 1 ] && ok screen-is-alternate || not_ok screen-is-alternate "the rows of before are overwritten"

keys '>'
until_seen 'by mixed' || not_ok screen-sort "the column did not change" "$scratch/look"
expected 1 | sort -t "$(printf '\t')" -k3,3nr | head -n 21 | drawn 50 | same screen-sort-by-another-column 'rows 1-21 of 60  by mixed, greatest first  total, every'
keys r
until_seen 'least first' || not_ok screen-reverse "the order did not change" "$scratch/look"
expected 1 | sort -t "$(printf '\t')" -k3,3n | head -n 21 | drawn 50 | same screen-reversed 'by mixed, least first  total, every'

keys PageDown
until_seen 'rows 21-41' || not_ok screen-page-down "did not scroll" "$scratch/look"
expected 1 | sort -t "$(printf '\t')" -k3,3n | sed -n 21,41p | drawn 50 | same screen-page-down 'rows 21-41 of 60 '
keys End
until_seen 'rows 40-60' || not_ok screen-end "did not scroll" "$scratch/look"
expected 1 | sort -t "$(printf '\t')" -k3,3n | tail -n 21 | drawn 50 | same screen-end 'rows 40-60 of 60 '
keys Home Down Down
seen screen-down 'rows 3-23 of 60'
keys Up Up

# ---- pause ----
keys Left Space
until_seen '^PAUSED' || not_ok screen-pause "does not say so" "$scratch/look"
look
cp "$scratch/look" "$scratch/frozen"
marks 60
rounds "$(child)" 6 # looks, one in 100 ms
look
if cmp -s "$scratch/look" "$scratch/frozen"; then ok screen-pause; else not_ok screen-pause "what was paused has changed" "$scratch/frozen" "$scratch/look"; fi
keys Space
until_seen '^ +0 +2000 ' || not_ok screen-goes-on "no new values" "$scratch/look"
expected 2 | sort -t "$(printf '\t')" -k2,2nr | head -n 21 | drawn 50 | same screen-goes-on '^screen: .* by count, greatest first  total, every'

# ---- since the start, or each interval by itself ----
keys + + + + + + + + # a minute: only what is asked for
seen screen-wide 'total, ever'
keys c
look_at_maps
until_seen '^screen: rows 2/2  no rows  by count, greatest first  each 60s  [0-9:]*$' && ok screen-nothing-new || not_ok screen-nothing-new "the last interval had nothing" "$scratch/look"
marks 60
look_at_maps
until_seen 'rows 1-21 of 60' || not_ok screen-each "no rows" "$scratch/look"
keys Space
until_seen '^PAUSED  screen: .*  each' || not_ok screen-each "not paused" "$scratch/look"
# What comes while the picture is held still is counted, and seen afterwards without another look.
marks 60
by_count() { sort -t "$(printf '\t')" -k2,2nr | head -n 21 | drawn 50; }
expected 1 | by_count | same screen-each '^PAUSED  screen: rows 2/2  rows 1-21 of 60  by count, greatest first  each'
keys c
seen screen-total-while-paused '^PAUSED .* first  total'
expected 3 | by_count | same screen-total-of-the-same-look '^PAUSED  screen: .*  total'
keys - - - - - - - -
rounds "$(child)" 14 # the keys, and looks
look
expected 3 | by_count | same screen-total-stays '^PAUSED  screen: .*  total'
keys Space
until_seen '^ +0 +4000 ' || not_ok screen-total-goes-on "no new values" "$scratch/look"
expected 4 | by_count | same screen-total-has-what-the-pause-had '^screen: .*  total, every'
keys c
until_seen '^screen: .* no rows .* each 0.1s' && ok screen-each-is-of-the-last-look || not_ok screen-each-is-of-the-last-look "what the pause had is shown as of one interval" "$scratch/look"
keys c
seen screen-total-again '^ +0 +4000 '

# ---- filter ----
keys /
type 'key >= 50 && comm ~ "*h*"'
until_seen '60 in all' || not_ok screen-filter "was not taken" "$scratch/look"
expected 4 | tail -n 10 | drawn 50 | same screen-filter-expression 'rows 1-10 of 10 \(60 in all\)'
keys / C-u
type 'xyzabcdefg'
until_seen 'rows 1-20 of 27 ' || not_ok screen-filter "was not taken" "$scratch/look"
expected 4 | sed -n '34,53p' | drawn 50 | same screen-filter-text 'rows 1-20 of 27 \(60 in all\)'
keys / C-u
type 'size > 3'
seen screen-filter-wrong '^filter: .*no field.*size|^filter: .*size'
keys Escape
seen screen-filter-cleared 'rows 1-21 of 60  by'

# ---- the rest of the keys ----
keys +
seen screen-longer-interval 'every 0.2s'
keys -
seen screen-shorter-interval 'every 0.1s'
keys Tab
seen screen-next-table '^screen: totals 1/2  rows 1-1 of 1  total, every'
seen screen-next-table-values '^ *0 +240$'
keys Tab h
seen screen-help 'left, right, < > +sort by another column'
keys h

# ---- 200x50 ----
tm resize-window -x 200 -y 50
until_seen 'rows 1-47 of 60' || not_ok screen-resize "was not noticed" "$scratch/look"
expected 4 | head -n 47 | drawn 64 | same screen-200x50 'rows 1-47 of 60  by count, greatest first  total, every'
tm resize-window -x 20 -y 5
seen screen-tiny '^KEY COUNT MIXED$'
tm resize-window -x 80 -y 24
until_seen 'rows 1-21 of 60'

# ---- ways out ----
tries=0 # what is looked for has not been on the terminal before
back() { # NAME: the shell is there, the terminal as before
	tries=$((tries + 1))
	type "stty -a >$scratch/stty.after; echo af\"\"ter $tries"
	if until_seen "^after $tries\$" && cmp -s "$scratch/stty.before" "$scratch/stty.after" && [ "$(tm display -p '#{alternate_on} #{cursor_flag}')" = '0 1' ]; then ok "$1"
	else not_ok "$1" "the terminal is not as before" "$scratch/look" "$scratch/stty.after"; fi
}

keys C-z
until_seen 'Stopped' || not_ok screen-stop "Ctrl-Z does not stop it" "$scratch/look"
back screen-stopped-terminal
type fg
until_seen 'rows 1-21 of 60  by count' && [ "$(tm display -p '#{alternate_on}')" = 1 ] && ok screen-fg || not_ok screen-fg "did not come back" "$scratch/look"
keys '<'
seen screen-fg-keys 'by key'
keys q
until_seen '^ready>' || not_ok screen-quit "q does not quit" "$scratch/look"
expected 4 | tail -n 1 | drawn 50 >"$scratch/want"
if grep -qxF -- "$(cat "$scratch/want")" "$scratch/look" && ! grep -q 'q quit' "$scratch/look"; then ok screen-last-table-stays; else not_ok screen-last-table-stays "not there" "$scratch/look"; fi
back screen-quit-terminal

open_screen
keys C-c
until_seen '^ready>'
back screen-ctrl-c-terminal
for signal in TERM HUP SEGV QUIT; do
	open_screen
	kill -$signal "$(child)"
	until_seen '^ready>'
	back "screen-$signal-terminal"
done
tries=$((tries + 1))
type "clear; '$ECLI' run $package --duration 1; echo en\"\"ded $tries"
until_seen "^ended $tries\$"
back screen-duration-terminal

# ---- cleared: what is idle is deleted to make room, and counted all the same ----
by_hand=yes open_screen --clear --interval 1h
look_at_maps
until_seen '^screen: .* no rows .* each 3600s' && ok screen-clear || not_ok screen-clear "--clear does not count each interval by itself" "$scratch/look"
look_at_maps
look_at_maps
marks 60
look_at_maps
keys c
until_seen '^ +0 +2000 ' || not_ok screen-clear-total "no total" "$scratch/look"
expected 2 | by_count | same screen-clear-total '^screen: rows 2/2  rows 1-21 of 60  by count, greatest first  total, every'
look_at_maps
look_at_maps
look_at_maps
look
expected 2 | by_count | same screen-clear-total-of-what-was-deleted '^screen: rows 2/2  rows 1-21 of 60 '
if has bpftool; then
	id=$(cat "/proc/$(child)/fdinfo/"* | awk '/^map_type:/ { type = $2 } /^max_entries:/ { max = $2 } /^map_id:/ && type == 1 && max == 64 { print $2; exit }')
	left=$(bpftool map dump id "$id" -j | jq length)
	[ "$left" = 32 ] && ok screen-clear-deletes || not_ok screen-clear-deletes "the map has $left entries, not half of what fits"
else
	cannot screen-clear-deletes "bpftool is missing"
fi
keys q
until_seen '^ready>'

# ---- losses: 64 entries fit ----
open_screen
marks 100
seen screen-loss '^lost 36 entries of map rows: map full'
keys q
seen screen-loss-stays '^ecli: lost 36 entries of map rows: map full'

# ---- where there is none ----
ln "$marker" "$scratch/mark"
run="sh -c 'echo \$\$ >$scratch/pid; exec \"\$0\" run \"\$@\" 2>$err' '$ECLI' $package"
plain() { # NAME COMMAND: it runs ecli as $run does
	local values='^rows +4 +996 +-2 mark +abcd$'
	keys C-l
	: >"$err"
	tries=$((tries + 1))
	type "clear; $2; echo ov\"\"er $tries"
	wait_until has_text "$err" "$ready_line" || { not_ok "$1" "it did not become ready" "$err" "$scratch/look"; return; }
	"$scratch/mark" 60
	until_seen "$values"
	kill -INT "$(cat "$scratch/pid")"
	if until_seen "^over $tries\$" && has_text "$scratch/look" "$values" && ! grep -qE 'q quit|screen:' "$scratch/look"; then ok "$1"; else not_ok "$1" "no plain rows" "$scratch/look" "$err"; fi
}
plain screen-not-in-a-pipe "cat <($run)"
plain screen-not-with-o "$run -o table"
plain screen-not-wanted "$run --no-screen"
plain screen-not-on-dumb "TERM=dumb $run -v"
if grep -q '^ecli: plain tables instead of a screen: this terminal cannot move its cursor$' "$err"; then ok screen-says-why-not; else not_ok screen-says-why-not "-v does not" "$err"; fi
plain screen-not-on-unknown "TERM=nothing-like-it $run"
plain screen-not-without-keyboard "$run </dev/null"
