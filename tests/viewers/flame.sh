#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A flame graph in a real browser: what lies under each point is what the folded stacks say, before and after a click; search, keys, the
# table, a narrow window, hostile names. The page is only looked at from outside: with a mouse, keys, and the text it shows.
#
# SHOTS=FOLDER keeps pictures.
source "$TOP/tests/lib.sh"
source "$TOP/tests/viewers/browser.inc"
here=$TOP/tests/viewers
profile=$BUILD/tests/viewers/profile

if ! browser_program >/dev/null; then
	cannot "a flame graph in Chromium" "neither chromium-headless-shell nor chromium is installed"
	exit 0
fi
"$profile" flame <"$here/stacks.txt" >"$scratch/flame.html"
"$profile" folded <"$here/stacks.txt" >"$scratch/folded"
if ! browser_start; then
	not_ok "a flame graph in Chromium" "the browser did not start: $reply" "$scratch/browser.log"
	exit 1
fi

# What is under a point every 4 pixels in each row, from the row of "all" on; "-" where there is no box.
see_grid() { # FILE
	look "(() => {
		const canvas = document.getElementById('graph'), box = canvas.getBoundingClientRect(), lines = [];
		const isFlame = document.getElementById('flip').textContent === 'Icicle';
		for (let depth = 0; depth < 25; depth++)
			for (let x = 2; x < box.width; x += 4) {
				const y = isFlame ? box.bottom - depth * 20 - 10 : box.top + depth * 20 + 10;
				canvas.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + x, clientY: y}));
				const isOver = canvas.classList.contains('over');
				lines.push(depth + ' ' + x + ' ' + (isOver ? document.querySelector('#details .name').firstChild.textContent : '-'));
			}
		return lines.join('\n');
	})()"
	printf '%s\n' "$reply" >"$1"
}

# The middle of the first box with that name in a grid, as the mouse counts.
find_box() { # GRID NAME -> $box_x $box_y
	local edges
	look "(() => { const b = document.getElementById('graph').getBoundingClientRect(); return b.left + ' ' + b.bottom; })()"
	edges=$reply
	read -r box_x box_y < <(awk -v name="$2" -v edges="$edges" '
		{ n = $0; sub(/^[^ ]+ [^ ]+ /, "", n) }
		n == name { if (!seen) { seen = 1; depth = $1; first = $2 } if ($1 == depth) last = $2 }
		END { split(edges, e, " "); printf "%d %d\n", e[1] + (first + last) / 2, e[2] - depth * 20 - 10 }' "$1")
}

shows() { look "document.getElementById('$1').$2" && [ "$reply" = "$3" ] || { echo "$1 shows: $reply"; return 1; }; }
has_text() { look "document.getElementById('$1').innerText" && [[ $reply == *"$2"* ]] || { echo "$1 shows: $reply"; return 1; }; }
agrees() { awk -v width="$width" -v prefix="$1" -f "$here/grid.awk" "$scratch/folded" "$2"; }
keep() { [ -z "${SHOTS:-}" ] || shot "$SHOTS/$1"; }
share_of() { # PATTERN [BELOW]: percent of the weight of stacks in which a frame matches, as the page writes it
	awk -v pattern="$1" -v below="${2:-.}" '{ path = tolower($0) } path ~ below { sum += $NF; if (path ~ pattern) part += $NF }
		END { p = part / sum * 100; printf((p >= 9.995 ? "%.1f %%" : "%.2f %%"), p) }' "$scratch/folded"
}

window 1280 800
open_page "file://$scratch/flame.html"
# Copied before they are read, which leaves the graph's own canvas where it is.
look 'window.pixels = (x, y, w, h) => { const c = document.createElement("canvas"); c.width = w; c.height = h;
	const k = c.getContext("2d", {willReadFrequently: true}); k.drawImage(document.getElementById("graph"), -x, -y); return k.getImageData(0, 0, w, h).data; }; 0'
look 'document.getElementById("graph").clientWidth'
width=$reply

see_grid "$scratch/all"
check "every box is where the stacks say" agrees "" "$scratch/all"
keep flame-light.png

zoom_test() {
	local path="kvd;clone3;start_thread;std::execute_native_thread_routine(void*);kvd::Worker::run();kvd::Session::serve(kvd::Request const&);kvd::Store::put(std::string_view, std::string_view)"
	find_box "$scratch/all" "${path##*;}"
	click "$box_x" "$box_y"
	keep flame-zoomed.png
	see_grid "$scratch/zoomed"
	agrees "$path" "$scratch/zoomed" || return 1
	has_text crumbs "kvd::Store::put" || return 1
	# A click on a crumb goes there; Escape shows everything again.
	look '[...document.querySelectorAll("#crumbs button")].find((b) => b.textContent === "kvd::Worker::run").click()'
	drawn
	see_grid "$scratch/zoomed"
	agrees "${path%;kvd::Session*}" "$scratch/zoomed" || return 1
	press Escape
	see_grid "$scratch/reset"
	cmp "$scratch/all" "$scratch/reset"
}
check "a click zooms, a crumb zooms out, Escape resets" zoom_test

motion_test() { # as most people have it: the box moves there
	call Emulation.setEmulatedMedia '{"features":[{"name":"prefers-reduced-motion","value":"no-preference"}]}'
	find_box "$scratch/all" "node"
	click "$box_x" "$box_y"
	local patience=100 where=0
	wait_until arrived || where=1
	emulate light
	press Escape
	[ $where = 0 ] || agrees "node" "$scratch/zoomed"
}
arrived() {
	see_grid "$scratch/zoomed"
	agrees "node" "$scratch/zoomed" >/dev/null
}
check "a click zooms with movement, too" motion_test

details_test() {
	find_box "$scratch/all" "ZSTD_hashPtr"
	point "$box_x" "$box_y"
	has_text details "520 ms · $(share_of 'zstd_hashptr') of all · $(share_of 'zstd_hashptr' 'zstd_compressblock_doublefast') of parent · self 520 ms" &&
		has_text details "libzstd.so.1.5.4 · lib/compress/zstd_compress_internal.h:763" && has_text details inlined || return 1
	look 'document.activeElement.blur()'
	keep flame-details.png
	find_box "$scratch/all" "kvd::Store::get(std::string_view) const"
	point "$box_x" "$box_y"
	# One box, two lines: 705 ms below line 57, 490 ms below line 61.
	has_text details "store.cc:57 (59.0 %) · src/kvd/store.cc:61 (41.0 %)"
}
check "a box tells function, module, lines and shares" details_test

search_test() {
	press /
	type_text zstd_
	shows found value "$(share_of 'zstd_')" || return 1
	keep flame-search.png
	press Enter
	has_text details "ZSTD_" || return 1
	press Escape
	shows found value "" && shows query value "" || return 1
	look 'document.getElementById("regex").click()'
	press /
	type_text '^(tcp|ext4)_.*(e|r)$'
	shows found value "$(share_of '(^|;)(tcp|ext4)_[^;]*(e|r)(_\\[k\\])?[; ]')" || return 1
	press Escape
	press /
	type_text '('
	shows found value "not a regular expression" || return 1
	press Escape
	look 'document.getElementById("regex").click()'
	press /
	type_text 'nobody is called that'
	shows found value "no match" || return 1
	press Escape
}
check "search finds text and expressions, with the right share" search_test

matched_pixels() { # how many pixels have the colour of a match
	look '(() => { const c = document.getElementById("graph"), d = pixels(0, 0, c.width, c.height);
		let n = 0; for (let i = 0; i < d.length; i += 4) if (d[i] === 0xb5 && d[i + 1] === 0x12 && d[i + 2] === 0x6f) n++; return n; })()'
}
highlight_test() {
	matched_pixels
	[ "$reply" = 0 ] || { echo "$reply pixels before"; return 1; }
	press /
	type_text 'kvd::Worker::run'
	matched_pixels
	# One row, 19 pixels high, as wide as its share; its name is written on it.
	local want
	want=$(awk -v w="$width" '{ sum += $NF } /Worker::run/ { part += $NF } END { printf "%d", part / sum * w * 19 }' "$scratch/folded")
	[ "$reply" -gt $((want * 85 / 100)) ] && [ "$reply" -le "$want" ] || { echo "$reply pixels of $want"; return 1; }
	press Escape
	matched_pixels
	[ "$reply" = 0 ]
}
check "what was found is coloured, and no longer than searched for" highlight_test

keys_test() {
	press Escape
	press ArrowUp # nothing is chosen: all
	press ArrowUp
	has_text details "kvd" || return 1
	press ArrowRight
	has_text details "kworker/1:2" || return 1
	press ArrowLeft
	press ArrowUp # the heaviest thing it calls
	press ArrowUp
	has_text details "start_thread" || return 1
	press Enter
	has_text crumbs "start_thread" || return 1
	press Backspace
	look 'document.querySelector("#crumbs [aria-current]").textContent'
	[ "$reply" = clone3 ] || { echo "zoomed to $reply"; return 1; }
	press Escape
	press ArrowDown
	press i
	see_grid "$scratch/icicle"
	cmp "$scratch/all" "$scratch/icicle" || return 1
	keep flame-icicle.png
	look 'document.getElementById("flip").textContent'
	[ "$reply" = Flame ] || return 1
	press i
	press '?'
	look 'document.getElementById("keys").open'
	[ "$reply" = true ] || { echo "no help"; return 1; }
	press Escape
	look 'document.getElementById("keys").open'
	[ "$reply" = false ] || { echo "the help stays"; return 1; }
}
check "keys move, zoom, turn it over" keys_test

table_test() {
	press t
	look '[...document.querySelectorAll("#list tbody tr")].slice(0, 2).map((r) => r.innerText.replace(/\s+/g, " ")).join()'
	[ "$reply" = "ZSTD_hashPtr $(share_of zstd_hashptr) $(share_of zstd_hashptr),kvd::Hash::operator()(std::string const&) const 10.6 % 10.6 %" ] ||
		{ echo "the table begins with: $reply"; return 1; }
	look '[...document.querySelectorAll("#list th button")][1].click(); document.querySelector("#list tbody td button").textContent'
	[ "$reply" = "clone3" ] || { echo "by total it begins with: $reply"; return 1; }
	look 'document.querySelector("#list tbody td button").click()'
	shows found value "$(share_of clone3)" || return 1
	press Escape
	press t
}
check "the table has the functions with the most weight" table_test

narrow_test() {
	local theme
	for theme in light dark; do
		emulate $theme
		window 390 844 2
		keep "flame-narrow-$theme.png"
		look '[document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight,
			[...document.querySelectorAll("button, input, #title, #totals, #legend li, #details")].filter((e) => e.offsetParent).every((e) => {
				const b = e.getBoundingClientRect(); return b.left >= 0 && b.right <= innerWidth && b.bottom <= innerHeight; })].join()'
		[ "$reply" = true,true,true ] || { echo "$theme: $reply"; return 1; }
		look 'document.getElementById("graph").getBoundingClientRect().height > 300'
		[ "$reply" = true ] || { echo "no room for the graph"; return 1; }
	done
	window 1280 800
	keep flame-dark.png
	look '(() => { const d = pixels(5, 5, 1, 1); return d[0] < 40 && d[2] < 60; })()'
	[ "$reply" = true ] || { echo "dark is not dark"; return 1; }
	emulate light
}
check "a narrow window holds it, dark and light" narrow_test

ground_test() { # in a window that gets lower and higher, the graph stands on its ground; scrolled up, it stays as far above it
	local height up
	for up in 0 60; do
		window 1280 420
		look "(() => { const s = document.getElementById('scroller'); s.scrollTop = s.scrollHeight - s.clientHeight - $up; return s.scrollHeight > s.clientHeight + 60; })()"
		[ "$reply" = true ] || { echo "the graph fits, there is nothing to see"; return 1; }
		drawn
		for height in 380 450 400; do
			window 1280 $height
			look "(() => { const s = document.getElementById('scroller'); return Math.round(s.scrollHeight - s.clientHeight - s.scrollTop); })()"
			[ "$reply" = $up ] || { echo "$height high: $reply above the ground, not $up"; return 1; }
		done
	done
	window 1280 800
}
check "a window of another height shows the same place" ground_test

chinese_test() {
	call Emulation.setUserAgentOverride '{"userAgent":"test","acceptLanguage":"zh-CN"}'
	open_page "file://$scratch/flame.html"
	look 'document.documentElement.lang + document.getElementById("reset").textContent'
	[ "$reply" = zh还原 ] || { echo "$reply"; return 1; }
	call Emulation.setUserAgentOverride '{"userAgent":"test","acceptLanguage":"en-US"}'
}
check "a Chinese browser gets Chinese words" chinese_test

large_test() { # 97,000 boxes of 400,000: only those that can be seen are drawn, and a zoom shows more
	"$profile" flame 200000 30 >"$scratch/large.html" 2>"$scratch/large.err" || return 1
	open_page "file://$scratch/large.html"
	has_text totals "too small to show" || return 1
	look 'document.getElementById("graph").dataset.drawn'
	[ "$reply" -gt 500 ] && [ "$reply" -lt 30000 ] || { echo "$reply boxes drawn"; return 1; }
	local key
	for key in ArrowUp ArrowUp ArrowUp ArrowUp ArrowUp ArrowUp Enter; do press $key; done
	look 'document.querySelector("#crumbs [aria-current]").textContent'
	[ "$reply" != all ] || return 1
	look 'document.getElementById("graph").dataset.drawn > 500'
	[ "$reply" = true ]
}
check "a large profile" large_test

hostile_test() {
	printf '1\t%s\tu|%s|%s|%s|1\n' "<img src=x onerror=alert(1)>" "</script><script>window.pwned=1</script>" "<b>m</b>" "\"><svg/onload=alert(2)>" >"$scratch/hostile"
	PROFILE_TITLE='</title><script>window.pwned=2</script>"' "$profile" flame <"$scratch/hostile" >"$scratch/hostile.html"
	open_page "file://$scratch/hostile.html"
	look 'String(window.pwned) + document.querySelectorAll("script").length + document.querySelectorAll("img, svg, b").length'
	[ "$reply" = undefined20 ] || { echo "$reply"; return 1; }
	shows title textContent '</title><script>window.pwned=2</script>"' || return 1
	press ArrowUp
	press ArrowUp
	press ArrowUp
	has_text details '</script><script>window.pwned=1</script>' && has_text details '<b>m</b> · "><svg/onload=alert(2)>:1' || return 1
	# Even a script that got into the page would not run.
	look '(() => { const s = document.createElement("script"); s.textContent = "window.pwned = 3"; document.body.append(s); return String(window.pwned); })()'
	[ "$reply" = undefined ]
}
asked=$(requests)
wrong=$(complaints)
check "hostile names stay text" hostile_test
check "the console is silent" test -z "$wrong"
check "nothing but the files is asked for" bash -c '! grep -v "^file://" <<<"$1" && [ "$(wc -l <<<"$1")" = 3 ]' - "$asked"
