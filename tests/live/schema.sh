#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Real rows against the schema that `ecli inspect --schema` gives for them: every kind of field, several sources, the trace pipe,
# an iterator, a sampled map.
source "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
source "$here/run.inc"
need_mark

validate() { # NAME PACKAGE LEAST: $rows are valid against the package's schema, and each is not when a field is taken away
	"$ECLI" inspect --schema "$2" >"$scratch/schema.json" 2>"$err" || { not_ok "$1" "no schema" "$err"; return; }
	jq -es -L "$top/tests" --slurpfile s "$scratch/schema.json" --argjson least "$3" 'include "schema";
		([.[] | problems($s[0])[]] | unique) as $bad
		| if $bad != [] then $bad | error(tojson)
		  elif length < $least then error("only \(length) rows")
		  else all(.[]; del(.[keys_unsorted[-1]]) | problems($s[0]) != []) and all(.[]; .extra = 1 | problems($s[0]) != []) end' \
		"$rows" >/dev/null 2>"$scratch/jq.err" && ok "$1" ||
		not_ok "$1" "rows and schema do not agree" "$scratch/jq.err" "$scratch/schema.json"
}

kind() { # NAME LEAST [HEADER [MARKS]]
	build "$1" ${3:+"$3"} || return
	start_ecli "$scratch/$1/package.json" -o json || { not_ok "$1" "did not become ready" "$err"; return; }
	"$scratch/mark" "${4:-10}"
	stop_ecli
	validate "schema-$1" "$scratch/$1/package.json" "$2"
}
kind every_kind 20
kind tracepoint 10
kind two_buffers 20
kind every_format 200 "" 200
kind tail 50 "" 50
kind sampled 1
here=$here/packages
kind hist 1 hist.h
here=${here%/packages}
kind printk 10

build iter && "$ECLI" run "$scratch/iter/package.json" -o json >"$rows" 2>"$err" && validate schema-iter "$scratch/iter/package.json" 1
