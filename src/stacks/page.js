// SPDX-License-Identifier: MIT
//
// The flame graph: a profile from the page's own JSON, drawn on a canvas.
//
//     nodes    depth, function, total, self; parents before children, so a node's descendants are the nodes up to its `end`
//     levels   the nodes of each depth from left to right: drawing and finding go through these, only what is in the window
//     view     the node that is zoomed to, and the range of weights [from, to] that the width of the window shows
//
// Names are of untrusted processes: they are drawn as text or set as textContent, never parsed as anything.
'use strict';
(() => {
const $ = (id) => document.getElementById(id);
const profile = JSON.parse($('profile').textContent);
const canvas = $('graph'), scroller = $('scroller'), room = $('room'), query = $('query');
const context = canvas.getContext('2d');

// ---- words --------------------------------------------------------------------------------------------------------

const isChinese = /^zh\b/i.test(navigator.language || '');
const words = {
	all: ['all', '全部'], kernel: ['kernel', '内核'], user: ['user', '用户态'], cpp: ['C++, Rust', 'C++、Rust'], jit: ['JIT', 'JIT'],
	unknown: ['no symbols', '无符号'], process: ['process', '进程'], inlined: ['inlined', '内联'],
	search: ['Search functions', '搜索函数'], regex: ['Regular expression', '正则表达式'], badRegex: ['not a regular expression', '正则表达式有误'],
	none: ['no match', '无匹配'], flame: ['Flame', '火焰图'], icicle: ['Icicle', '冰柱图'], reset: ['Reset zoom', '还原'],
	table: ['Functions', '函数表'], help: ['Keys', '按键'], close: ['Close', '关闭'], path: ['Zoomed to', '当前位置'],
	graph: ['Flame graph. Arrow keys move, Enter zooms, Escape resets.', '火焰图。方向键移动，回车放大，Esc 还原。'],
	ofAll: ['of all', '占全部'], ofParent: ['of parent', '占上层'], self: ['self', '自身'], total: ['total', '合计'], function: ['function', '函数'],
	moreLines: ['more lines', '其他行'], leftOut: ['too small to show', '个过小未显示'], frames: ['frames', '个框'], levels: ['levels', '层'],
	hint: ['Point at a box to see what it is; click to zoom.', '指向方框查看详情，点击放大。'],
	keyMove: ['move to a caller, a callee, a neighbour', '移到调用者、被调用者或相邻方框'], keyZoom: ['zoom to the box', '放大所选方框'],
	keyOut: ['zoom out one level', '缩小一层'], keyReset: ['reset zoom, then search', '还原缩放，再清除搜索'], keySearch: ['search', '搜索'],
	keyNext: ['next match, previous match', '下一个、上一个匹配'], keyFlip: ['flame or icicle', '火焰图或冰柱图'], keyTable: ['table of functions', '函数表'],
};
const say = (word) => words[word][isChinese ? 1 : 0];
const numbers = new Intl.NumberFormat(isChinese ? 'zh' : 'en');

function count(value) {
	return numbers.format(value);
}

function percent(part, whole) {
	const value = whole ? part / whole * 100 : 0;
	return value.toFixed(value >= 9.995 ? 1 : 2) + ' %';
}

// Steps of a unit, the smallest first.
const times = [['ns', 1], ['µs', 1e3], ['ms', 1e6], ['s', 1e9]];
const sizes = [['B', 1], ['KiB', 1024], ['MiB', 1048576], ['GiB', 1073741824], ['TiB', 1099511627776]];
const scales = { nanoseconds: [times, 1], microseconds: [times, 1e3], milliseconds: [times, 1e6], seconds: [times, 1e9], bytes: [sizes, 1] };

function weight(value) {
	const scale = scales[profile.unit];
	if (!scale)
		return count(value) + ' ' + (profile.unit === 'count' ? profile.what : profile.unit);
	const base = value * scale[1];
	let step = scale[0][0];
	for (const larger of scale[0])
		if (base >= larger[1])
			step = larger;
	const shown = base / step[1];
	return (shown >= 100 || Number.isInteger(shown) ? count(Math.round(shown)) : shown.toPrecision(3)) + ' ' + step[0];
}

// ---- the profile --------------------------------------------------------------------------------------------------

const flat = profile.nodes, size = flat.length / 4;
const depthOf = new Uint32Array(size), functionOf = new Int32Array(size), parentOf = new Int32Array(size), endOf = new Uint32Array(size);
const totalOf = new Float64Array(size), selfOf = new Float64Array(size), startOf = new Float64Array(size);
const levels = [], linesOf = new Map();

{
	const open = [], next = new Float64Array(size); // ancestors of the node; where the next child begins
	for (let i = 0; i < size; i++) {
		const depth = flat[i * 4];
		for (; open.length > depth; open.pop())
			endOf[open[open.length - 1]] = i;
		const parent = depth ? open[depth - 1] : -1;
		depthOf[i] = depth;
		functionOf[i] = flat[i * 4 + 1];
		totalOf[i] = flat[i * 4 + 2];
		selfOf[i] = flat[i * 4 + 3];
		parentOf[i] = parent;
		startOf[i] = next[i] = parent < 0 ? 0 : next[parent];
		if (parent >= 0)
			next[parent] += totalOf[i];
		(levels[depth] = levels[depth] || []).push(i);
		open.push(i);
	}
	for (const i of open)
		endOf[i] = size;
	for (const line of profile.lines)
		linesOf.set(line[0], line);
}
const total = totalOf[0];

// As in flame.c.
const kindNames = ['process', 'user', 'cpp', 'jit', 'kernel', 'unknown'], isInlined = 8, rootKind = 0;
const nameOf = (node) => functionOf[node] < 0 ? say('all') : profile.functions[functionOf[node]][0];
const moduleOf = (node) => functionOf[node] < 0 ? undefined : profile.modules[profile.functions[functionOf[node]][1]];
const kindOf = (node) => functionOf[node] < 0 ? rootKind : profile.functions[functionOf[node]][2];

// "std::vector::push_back" of "std::vector<int, std::allocator<int> >::push_back(int&&)", for boxes that have no room for all.
const shortNames = new Map();
function shortName(name) {
	let short = shortNames.get(name);
	if (short === undefined) {
		const plain = name.replace(/\(anonymous namespace\)/g, '{anonymous}');
		let open = 0;
		short = '';
		for (const c of plain) {
			if (c === '<' || c === '(')
				open++;
			if (!open)
				short += c;
			if ((c === '>' || c === ')') && open)
				open--;
		}
		short = open || !short || /operator/.test(name) ? name : short.replace(/ const$/, '');
		shortNames.set(name, short);
	}
	return short;
}

// ---- colours ------------------------------------------------------------------------------------------------------

// Hue, saturation, lightness, after Okabe and Ito. Measured: text has a contrast of 4.5 and more on each shade, and any two kinds are 9 and
// more apart (CIELAB) as people without red, green or blue cones see them (Machado 2009).
const palettes = {
	light: {
		kinds: { process: [222, 45, 91], user: [34, 92, 70], cpp: [52, 88, 72], jit: [160, 56, 56], kernel: [204, 74, 74], unknown: [40, 6, 80] },
		step: 4, text: '#16181d', soft: '#16181d', edge: '#14161a', page: '#ffffff', match: '#b5126f', matchText: '#ffffff', inlined: 8,
	},
	dark: {
		kinds: { process: [222, 20, 24], user: [18, 58, 37], cpp: [44, 68, 29], jit: [166, 70, 20], kernel: [208, 52, 35], unknown: [40, 5, 40] },
		step: 3, text: '#f3f1ec', soft: '#f3f1ec', edge: '#ffffff', page: '#14171c', match: '#ff79bd', matchText: '#1a0712', inlined: -7,
	},
};
const darkMedia = matchMedia('(prefers-color-scheme: dark)'), calmMedia = matchMedia('(prefers-reduced-motion: reduce)');
const coarseMedia = matchMedia('(pointer: coarse)');
let isPrinting = false, palette, fills;

function fillOf(kind, shade) {
	const [h, s, l] = palette.kinds[kindNames[kind & ~isInlined]];
	return `hsl(${h} ${s}% ${l + (kind & isInlined ? palette.inlined : 0) + shade * palette.step / 2}%)`;
}

// Neighbours differ a little: three shades, by name, so that a function looks the same everywhere.
function shadeOf(name) {
	let sum = 0;
	for (let i = 0; i < name.length; i++)
		sum = (sum * 31 + name.charCodeAt(i)) | 0;
	return (sum >>> 3) % 3 - 1;
}

function choosePalette() {
	palette = palettes[darkMedia.matches && !isPrinting ? 'dark' : 'light'];
	fills = profile.functions.map(([name, , kind]) => fillOf(kind, shadeOf(name)));
}

// ---- the view -----------------------------------------------------------------------------------------------------

const fontSize = 12, font = `${fontSize}px ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace`;
let zoomed = 0, from = 0, to = total, current = -1, isFlame = true, rows = levels.length, matches = null, drawn = 0;
let width = 0, height = 0, rowHeight = 20, charWidth = 7, animation = 0, pending = 0;
let ground = 0; // what is below the window, before it changed: then the browser has moved things already

const roomHeight = () => Math.max(rows * rowHeight, height);
const topOf = (depth) => isFlame ? roomHeight() - (depth + 1) * rowHeight : depth * rowHeight;
const depthAt = (y) => Math.floor(isFlame ? (roomHeight() - 1 - y) / rowHeight : y / rowHeight);

// The first node of a level that reaches beyond @at.
function firstBeyond(level, at) {
	let low = 0, high = level.length;
	while (low < high) {
		const middle = (low + high) >> 1, node = level[middle];
		if (startOf[node] + totalOf[node] <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

function fitText(text, room) {
	const fits = (t) => /^[\x20-\x7e…]*$/.test(t) ? t.length * charWidth <= room : context.measureText(t).width <= room;
	if (fits(text))
		return text;
	text = shortName(text);
	if (fits(text))
		return text;
	const named = text.replace(/(::(\{[^}]*\}|_FUN|operator\(\)))+$/, ''); // a lambda by the function it is in
	const colons = named.lastIndexOf('::'), last = named.slice(colons + 2); // "push_back" says more than "std::vec…"
	if ((colons > 0 || named !== text) && last && fits(last))
		return last;
	if (colons > 0 && last)
		text = last; // and its begin more than that of a name space
	let letters = Array.from(text).slice(0, Math.max(0, Math.floor(room / charWidth) - 1));
	while (letters.length && !fits(letters.join('') + '…'))
		letters.pop();
	return letters.length > 2 ? letters.join('') + '…' : '';
}

function drawBox(node, x, y, w) {
	const kind = kindOf(node), fn = functionOf[node], isMatch = matches && fn >= 0 && matches[fn];
	const isAbove = node < zoomed && endOf[node] > zoomed; // what the zoomed one was called by
	const h = rowHeight - 1, gap = w > 3 ? 1 : 0;

	context.globalAlpha = isMatch ? 1 : matches ? 0.38 : isAbove ? 0.55 : 1;
	context.fillStyle = isMatch ? palette.match : fn < 0 ? fillOf(rootKind, 0) : fills[fn];
	context.fillRect(x, y, Math.max(w - gap, 0.4), h);
	drawn++;
	if (w < 8)
		return;
	context.fillStyle = isMatch ? palette.matchText : palette.text;
	if (kind & isInlined) {
		context.globalAlpha *= 0.55;
		for (let dash = x + 2; dash < x + w - 5; dash += 7)
			context.fillRect(dash, y + h - 2, 4, 1.5);
	}
	const text = w > 22 ? fitText(nameOf(node), w - gap - 9) : '';
	if (text) {
		context.globalAlpha = matches && !isMatch ? 0.72 : isAbove ? 0.8 : 1;
		context.fillText(text, x + 4, y + h / 2 + 0.5);
	}
}

function drawLevel(depth, offset) {
	const level = levels[depth], scale = width / (to - from), y = topOf(depth) - offset;
	let edge = -1; // up to here it is painted

	for (let at = firstBeyond(level, from); at < level.length;) {
		const node = level[at];
		if (startOf[node] >= to)
			break;
		const left = Math.max(0, (startOf[node] - from) * scale), right = Math.min(width, (startOf[node] + totalOf[node] - from) * scale);
		if (right - edge < 1) { // it would lie upon its neighbour, and others that narrow, too
			at = Math.max(at + 1, firstBeyond(level, from + (edge + 1) / scale));
			continue;
		}
		drawBox(node, left, y, right - left);
		edge = right;
		at++;
	}
}

function outline(node, offset, style, thick) {
	const scale = width / (to - from), left = Math.max(0, (startOf[node] - from) * scale);
	const right = Math.min(width, (startOf[node] + totalOf[node] - from) * scale), half = thick / 2;
	if (right <= 0 || left >= width)
		return;
	context.globalAlpha = 1;
	context.strokeStyle = style;
	context.lineWidth = thick;
	context.strokeRect(left + half, topOf(depthOf[node]) - offset + half, Math.max(right - left - 1 - thick, 1), rowHeight - 1 - thick);
}

function drawAll(offset, shownHeight) {
	context.globalAlpha = 1;
	context.fillStyle = palette.page;
	context.fillRect(0, 0, width, shownHeight);
	context.font = font;
	context.textBaseline = 'middle';
	charWidth = context.measureText('mmmmmmmmmm').width / 10;
	const one = depthAt(offset), other = depthAt(offset + shownHeight - 1);
	drawn = 0;
	for (let depth = Math.max(0, Math.min(one, other)); depth <= Math.min(rows - 1, Math.max(one, other)); depth++)
		drawLevel(depth, offset);
	if (current > 0 && depthOf[current] < rows && !isPrinting)
		outline(current, offset, palette.edge, 2);
	canvas.dataset.drawn = drawn;
}

function draw() {
	pending = 0;
	if (Math.abs(scroller.clientHeight - height) < 2)
		ground = roomHeight() - scroller.scrollTop - height;
	if (width && !isPrinting)
		drawAll(scroller.scrollTop, height);
}

function drawSoon() {
	pending = pending || requestAnimationFrame(draw);
}

function sizeCanvas(cssWidth, cssHeight, ratio) {
	width = cssWidth;
	canvas.width = Math.max(1, Math.round(cssWidth * ratio));
	canvas.height = Math.max(1, Math.round(cssHeight * ratio));
	canvas.style.height = cssHeight + 'px';
	context.setTransform(ratio, 0, 0, ratio, 0, 0);
}

function layOut() {
	const box = scroller.getBoundingClientRect();
	height = Math.floor(box.height);
	rowHeight = coarseMedia.matches ? 24 : 20;
	room.style.height = roomHeight() + 'px';
	sizeCanvas(scroller.clientWidth, height, window.devicePixelRatio || 1);
	if (isFlame) // it stands on its ground, also in a window of another height
		scroller.scrollTop = roomHeight() - ground - height;
	draw();
}

function showRow(node, isBase) {
	const top = topOf(depthOf[node]), seen = scroller.scrollTop, spare = rowHeight * (isBase ? 4 : 1);
	if (isBase)
		scroller.scrollTop = isFlame ? top + Math.min(spare, (depthOf[node] + 1) * rowHeight) - height : top - spare;
	else if (top - spare < seen)
		scroller.scrollTop = top - spare;
	else if (top + rowHeight + spare > seen + height)
		scroller.scrollTop = top + rowHeight + spare - height;
}

// ---- zoom ---------------------------------------------------------------------------------------------------------

function deepest(node) {
	let depth = 0;
	for (let i = node; i < endOf[node]; i++)
		depth = Math.max(depth, depthOf[i]);
	return depth;
}

function moveTo(newFrom, newTo) {
	const oldFrom = from, oldTo = to, began = performance.now(), time = calmMedia.matches || document.hidden ? 0 : 160;
	cancelAnimationFrame(animation);
	const step = (now) => {
		const part = time ? Math.min(1, Math.max(0, (now - began) / time)) : 1, eased = 1 - (1 - part) ** 3;
		from = oldFrom + (newFrom - oldFrom) * eased;
		to = oldTo + (newTo - oldTo) * eased;
		draw();
		if (part < 1)
			animation = requestAnimationFrame(step);
	};
	step(began);
}

function zoomTo(node) {
	zoomed = node;
	rows = deepest(node) + 1;
	room.style.height = roomHeight() + 'px';
	showRow(node, true);
	moveTo(startOf[node], startOf[node] + totalOf[node]);
	$('reset').disabled = !node;
	showCrumbs();
	choose(node);
}

function showCrumbs() {
	const path = [];
	for (let node = zoomed; node >= 0; node = parentOf[node])
		path.unshift(node);
	const skipped = Math.max(0, path.length - 6), nav = $('crumbs');
	nav.replaceChildren();
	path.forEach((node, i) => {
		if (skipped && i >= 1 && i <= skipped) {
			if (i === 1)
				nav.append(element('span', '› … '));
			return;
		}
		if (i)
			nav.append(element('span', '›'));
		const button = element('button', shortName(nameOf(node)));
		button.type = 'button';
		button.title = nameOf(node);
		if (node === zoomed)
			button.setAttribute('aria-current', 'location');
		button.onclick = () => zoomTo(node);
		nav.append(button);
	});
}

// ---- what is under the pointer ------------------------------------------------------------------------------------

function element(tag, text, name) {
	const made = document.createElement(tag);
	if (text !== undefined)
		made.textContent = text;
	if (name)
		made.className = name;
	return made;
}

const longName = 160; // letters: two lines of a window

function placesOf(node) {
	const line = linesOf.get(node), places = [];
	for (let i = 2; line && i < line.length; i += 3) {
		const place = profile.files[line[i]] + (line[i + 1] ? ':' + line[i + 1] : '');
		places.push(line.length > 5 || line[1] ? `${place} (${percent(line[i + 2], totalOf[node])})` : place);
	}
	if (line && line[1])
		places.push(`+ ${count(line[1])} ${say('moreLines')}`);
	return places;
}

function choose(node) {
	current = node;
	const details = $('details');
	if (node < 0) {
		details.replaceChildren(element('p', say('hint')));
	} else {
		const isLong = nameOf(node).length > longName; // weight and place stay in sight; all of it stands below them
		const name = element('p', isLong ? shortName(nameOf(node)) : nameOf(node), 'name'), kind = kindOf(node), parent = parentOf[node];
		if (functionOf[node] >= 0) {
			name.append(element('span', say(kindNames[kind & ~isInlined]), 'kind'));
			if (kind & isInlined)
				name.append(element('span', say('inlined'), 'kind'));
		}
		let sum = `${weight(totalOf[node])} · ${percent(totalOf[node], total)} ${say('ofAll')}`;
		if (parent >= 0)
			sum += ` · ${percent(totalOf[node], totalOf[parent])} ${say('ofParent')}`;
		sum += ` · ${say('self')} ${weight(selfOf[node])}`;
		const where = [moduleOf(node), ...placesOf(node)].filter(Boolean).join(' · ');
		details.replaceChildren(name, element('p', sum, 'weight'));
		if (where)
			details.append(element('p', where, 'place'));
		if (isLong)
			details.append(element('p', nameOf(node), 'place'));
	}
	drawSoon();
}

function nodeAt(event) {
	const box = canvas.getBoundingClientRect(), depth = depthAt(event.clientY - box.top + scroller.scrollTop);
	const at = from + (event.clientX - box.left) / width * (to - from);
	if (depth < 0 || depth >= rows || !levels[depth])
		return -1;
	const node = levels[depth][firstBeyond(levels[depth], at)];
	return node !== undefined && startOf[node] <= at ? node : -1;
}

canvas.addEventListener('pointermove', (event) => {
	const node = nodeAt(event);
	canvas.classList.toggle('over', node >= 0);
	if (node >= 0 && node !== current)
		choose(node);
});
canvas.addEventListener('click', (event) => {
	const node = nodeAt(event);
	if (node >= 0)
		zoomTo(node);
});

// ---- search -------------------------------------------------------------------------------------------------------

// A test for a text, or null when nothing is searched for. Throws when it is not a regular expression.
function matcher() {
	const text = query.value;
	if (!text)
		return null;
	if ($('regex').getAttribute('aria-pressed') === 'true') {
		const expression = new RegExp(text, 'iu');
		return (t) => expression.test(t);
	}
	const lower = text.toLowerCase();
	return (t) => t.toLowerCase().includes(lower);
}

function search() {
	const found = $('found');
	let test = null;
	matches = null;
	found.className = '';
	try {
		test = matcher();
		found.value = '';
	} catch (error) {
		found.className = 'wrong';
		found.value = say('badRegex');
	}
	if (test) {
		matches = profile.functions.map(([name, module]) => test(name) || (module >= 0 && test(profile.modules[module])));
		let sum = 0, hits = 0;
		for (let i = 1, covered = 0; i < size; i++) {
			if (!matches[functionOf[i]])
				continue;
			hits++;
			if (i < covered)
				continue; // within a match that counts already
			sum += totalOf[i];
			covered = endOf[i];
		}
		found.value = hits ? percent(sum, total) : say('none');
		found.title = `${weight(sum)}, ${count(hits)} ${say('frames')}`;
	}
	drawSoon();
}

function nextMatch(step) {
	if (!matches)
		return;
	for (let n = 1, i = Math.max(current, 0); n <= size; n++) {
		i = (i + step + size) % size;
		if (functionOf[i] < 0 || !matches[functionOf[i]])
			continue;
		if (i < zoomed || i >= endOf[zoomed])
			zoomTo(0);
		choose(i);
		showRow(i, false);
		return;
	}
}

query.addEventListener('input', search);
query.addEventListener('keydown', (event) => {
	if (event.key === 'Enter')
		nextMatch(event.shiftKey ? -1 : 1);
	else if (event.key === 'Escape') {
		query.value = '';
		search();
		canvas.focus();
	} else
		return;
	event.preventDefault();
	event.stopPropagation();
});
$('regex').onclick = () => {
	$('regex').setAttribute('aria-pressed', String($('regex').getAttribute('aria-pressed') !== 'true'));
	search();
};

// ---- table of functions -------------------------------------------------------------------------------------------

let sortColumn = 1;

// Per function: its own weight, and the weight of stacks it is in, counted once where it calls itself.
function sumFunctions() {
	const sums = profile.functions.map((entry, i) => [i, 0, 0]), covered = new Uint32Array(profile.functions.length);
	for (let i = 1; i < size; i++) {
		const fn = functionOf[i];
		sums[fn][1] += selfOf[i];
		if (i >= covered[fn]) {
			sums[fn][2] += totalOf[i];
			covered[fn] = endOf[i];
		}
	}
	return sums.filter((sum) => sum[2] && profile.functions[sum[0]][2] !== rootKind);
}

function showTable() {
	const head = $('list').querySelector('thead tr'), body = $('list').querySelector('tbody');
	const sums = sumFunctions().sort((a, b) => b[sortColumn] - a[sortColumn] || a[0] - b[0]).slice(0, 200);
	head.replaceChildren(element('th', say('function')));
	['self', 'total'].forEach((word, i) => {
		const cell = element('th'), button = element('button', say(word));
		if (sortColumn === i + 1)
			cell.setAttribute('aria-sort', 'descending');
		button.type = 'button';
		button.onclick = () => {
			sortColumn = i + 1;
			showTable();
		};
		cell.append(button);
		head.append(cell);
	});
	body.replaceChildren(...sums.map(([fn, self, all]) => {
		const row = element('tr'), cell = element('td'), name = profile.functions[fn][0], button = element('button', name);
		button.type = 'button';
		button.title = name;
		button.onclick = () => {
			query.value = name;
			$('regex').setAttribute('aria-pressed', 'false');
			search();
		};
		cell.append(button);
		row.append(cell, element('td', percent(self, total)), element('td', percent(all, total)));
		row.title = `${say('self')} ${weight(self)}, ${say('total')} ${weight(all)}`;
		return row;
	}));
}

$('table').onclick = () => {
	const isOpen = $('list').hidden;
	$('list').hidden = !isOpen;
	$('table').setAttribute('aria-expanded', String(isOpen));
	if (isOpen)
		showTable();
};

// ---- keys ---------------------------------------------------------------------------------------------------------

function child(node) { // the heaviest
	let best = -1;
	for (let i = node + 1; i < endOf[node]; i = endOf[i])
		if (best < 0 || totalOf[i] > totalOf[best])
			best = i;
	return best;
}

function neighbour(node, step) {
	const level = levels[depthOf[node]], next = level[firstBeyond(level, startOf[node]) + step];
	return next !== undefined && next >= zoomed && next < endOf[zoomed] ? next : -1;
}

function move(find) {
	const next = current < 0 ? zoomed : find(current);
	if (next >= 0) {
		choose(next);
		showRow(next, false);
	}
}

function flip() {
	isFlame = !isFlame;
	showFlip();
	showRow(current >= 0 ? current : zoomed, true);
	drawSoon();
}

function showFlip() {
	$('flip').textContent = say(isFlame ? 'icicle' : 'flame');
}

function escape() {
	if (zoomed)
		zoomTo(0);
	else if (query.value) {
		query.value = '';
		search();
	} else
		choose(-1);
}

const keys = {
	ArrowUp: () => move(isFlame ? child : (node) => parentOf[node]),
	ArrowDown: () => move(isFlame ? (node) => parentOf[node] : child),
	ArrowLeft: () => move((node) => neighbour(node, -1)),
	ArrowRight: () => move((node) => neighbour(node, 1)),
	Enter: () => current >= 0 && zoomTo(current),
	Backspace: () => zoomTo(Math.max(0, parentOf[zoomed])),
	Escape: escape,
	'/': () => query.focus(),
	n: () => nextMatch(1),
	N: () => nextMatch(-1),
	i: flip,
	t: () => $('table').click(),
	'?': () => $('keys').showModal(),
};

document.addEventListener('keydown', (event) => {
	const target = event.target, isBusy = target === query || $('keys').open;
	const isButton = target.tagName === 'BUTTON' && (event.key === 'Enter' || event.key === ' ');
	if (isBusy || isButton || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key))
		return;
	event.preventDefault();
	keys[event.key]();
});
$('flip').onclick = flip;
$('reset').onclick = () => zoomTo(0);
$('help').onclick = keys['?'];

function showHelp() {
	const rows = [['↑ ↓ ← →', 'keyMove'], ['Enter', 'keyZoom'], ['Backspace', 'keyOut'], ['Esc', 'keyReset'], ['/', 'keySearch'],
		['n  N', 'keyNext'], ['i', 'keyFlip'], ['t', 'keyTable']];
	$('keys').querySelector('h2').textContent = say('help');
	$('keys').querySelector('dl').replaceChildren(...rows.flatMap(([key, word]) => [element('dt', key), element('dd', say(word))]));
	$('keys').querySelector('button').textContent = say('close');
}

// ---- legend, theme, print, start ----------------------------------------------------------------------------------

function showLegend() {
	const seen = new Set(), list = $('legend'), ratio = 2;
	for (const [, , kind] of profile.functions) {
		seen.add(kind & ~isInlined);
		if (kind & isInlined)
			seen.add(isInlined);
	}
	list.replaceChildren(...[...seen].sort((a, b) => a - b).map((kind) => {
		const item = element('li'), swatch = element('canvas'), paint = swatch.getContext('2d');
		swatch.width = 22 * ratio;
		swatch.height = 14 * ratio;
		swatch.setAttribute('aria-hidden', 'true');
		paint.scale(ratio, ratio);
		paint.fillStyle = kind === isInlined ? fillOf(1 | isInlined, 0) : fillOf(kind, 0);
		paint.fillRect(0, 0, 22, 14);
		paint.fillStyle = palette.text;
		for (let dash = 2; kind === isInlined && dash < 20; dash += 7)
			paint.fillRect(dash, 11, 4, 1.5);
		item.append(swatch, say(kind === isInlined ? 'inlined' : kindNames[kind]));
		return item;
	}));
}

function showTheme() {
	choosePalette();
	showLegend();
	drawSoon();
}

// On paper: all of it, as wide as the paper, dark on white.
addEventListener('beforeprint', () => {
	isPrinting = true;
	choosePalette();
	showLegend();
	height = 0;
	const paperHeight = Math.min(roomHeight(), 15000);
	sizeCanvas(1040, paperHeight, Math.min(2, 15000 / paperHeight));
	drawAll(0, paperHeight);
});
addEventListener('afterprint', () => {
	isPrinting = false;
	showTheme();
	layOut();
});

document.documentElement.lang = isChinese ? 'zh' : 'en';
$('title').textContent = document.title;
$('totals').textContent = [scales[profile.unit] ? `${profile.what}: ${weight(total)}` : weight(total), `${count(size - 1)} ${say('frames')}`, `${count(levels.length - 1)} ${say('levels')}`,
	profile.left_out ? `${count(profile.left_out)} ${say('leftOut')}` : ''].filter(Boolean).join(' · ');
query.placeholder = say('search') + '  /';
query.setAttribute('aria-label', say('search'));
$('regex').title = say('regex');
$('regex').setAttribute('aria-label', say('regex'));
$('reset').textContent = say('reset');
$('reset').disabled = true;
$('table').textContent = say('table');
$('help').title = say('help');
$('help').setAttribute('aria-label', say('help'));
$('crumbs').setAttribute('aria-label', say('path'));
canvas.setAttribute('aria-label', say('graph'));
showHelp();
showFlip();
choosePalette();
showLegend();
showCrumbs();
choose(-1);
new ResizeObserver(layOut).observe(scroller);
darkMedia.addEventListener('change', showTheme);
scroller.addEventListener('scroll', drawSoon, { passive: true });
layOut();
scroller.scrollTop = isFlame ? scroller.scrollHeight : 0;
draw();
})();
