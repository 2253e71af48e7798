# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Completion of ecli and ecc for bash. The programs themselves know what may come next (ecli complete, ecc --complete); this only
# hands over the words and takes back the candidates, whole words, one a line.

_ecli() {
	local -a words=()
	local i word candidate cut='' hidden=complete program=${COMP_WORDS[0]/#\~\//$HOME/}

	[ "${program##*/}" != ecc ] || hidden=--complete
	# bash breaks --name=value into three words, which are put together again.
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]//\\/}
		if ((i > 1)) && [[ $word =~ ^[=:]+$ || ${COMP_WORDS[i - 1]} =~ ^[=:]+$ ]]; then
			words[${#words[@]} - 1]+=$word
		else
			words+=("$word")
		fi
	done
	# ... and it puts only the last of the three in place.
	if [[ ${words[${#words[@]} - 1]} != "$word" ]]; then
		word=${words[${#words[@]} - 1]}
		cut=${word%"${word##*[=:]}"}
	fi
	COMPREPLY=()
	while IFS= read -r candidate; do
		candidate=${candidate#"$cut"}
		case $candidate in
		"~/"*) printf -v candidate '~/%q' "${candidate#"~/"}" ;;
		*) printf -v candidate %q "$candidate" ;;
		esac
		COMPREPLY+=("$candidate")
	done < <("$program" $hidden "${words[@]}" 2>/dev/null)
	if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *[/=] ]]; then
		compopt -o nospace 2>/dev/null
	fi
}

complete -F _ecli ecli ecc
