# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
#
# apt for other suites and other architectures than this machine's: with lists, state and cache in a folder of our own, so that nothing
# the machine has is touched and no root is needed. Which mirror, and with whose keys, is what the machine's own configuration says.
#
#     source apt.sh; private_apt; apt_as=(apt_in_private); download PACKAGE:arm64 FOLDER

cache=${XDG_CACHE_HOME:-$HOME/.cache}/ecli-test
private=$cache/apt

# The mirror of the machine's own Debian suite, and the one of its security updates, which has another address.
mirrors() { # -> "main URI" and "security URI"
	apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' "Created-By: Packages" 2>/dev/null | sort -u |
		awk '$1 == "Debian" && $2 ~ /-security$/ {security = $3}
		     $1 == "Debian" && $2 !~ /-/ {main = $3}
		     END {if (main) print "main", main; if (security) print "security", security}'
}

sources_of() { # SUITE...: lines of a sources.list
	local kind uri suite keys=/usr/share/keyrings/debian-archive-keyring.gpg
	while read -r kind uri; do
		for suite in "$@"; do
			case $kind:$suite in
			main:*) printf 'deb [signed-by=%s] %s %s main\n' "$keys" "$uri" "$suite" ;;
			security:*-*) ;; # backports have no security suite
			security:*) printf 'deb [signed-by=%s] %s %s-security main\n' "$keys" "$uri" "$suite" ;;
			esac
		done
	done < <(mirrors)
}

apt_in_private() { APT_CONFIG=$private/apt.conf "$@"; }

# The suites that have a kernel in the tests or a library in a cross build.
suites="bullseye bookworm trixie trixie-backports"

# private_apt: their lists, fetched when they are not there or older than a day. What cannot be fetched is missing later; the log says
# why.
private_apt() {
	mkdir -p "$private"/state/lists/partial "$private"/cache/archives/partial
	: >"$private/status"
	cat >"$private/apt.conf" <<-CONF
		Dir::Etc::SourceList "$private/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::State "$private/state";
		Dir::State::status "$private/status";
		Dir::Cache "$private/cache";
		APT::Architectures { "amd64"; "arm64"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
	CONF
	# shellcheck disable=SC2086 # words
	sources_of $suites >"$private/sources.new"
	if ! cmp -s "$private/sources.new" "$private/sources.list" || [ -z "$(find "$private/updated" -mtime -1 2>/dev/null)" ]; then
		mv "$private/sources.new" "$private/sources.list"
		apt_in_private apt-get -qq update >"$private/update.log" 2>&1 && touch "$private/updated"
	fi
	return 0
}

# download PACKAGE[:ARCH] FOLDER: unpacks it there, installs nothing.
download() {
	local part
	part=$(mktemp -d "$cache/part.XXXXXX")
	if (cd "$part" && "${apt_as[@]}" apt-get -qq -o APT::Sandbox::User=root download "$1") >&2 && mkdir -p "$2" && dpkg-deb -x "$part"/*.deb "$2"; then
		rm -rf "$part"
	else
		rm -rf "$part"
		return 1
	fi
}
apt_as=(apt_in_private)
