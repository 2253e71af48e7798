#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The image of the Containerfile, built and run with buildah in chroot isolation, which needs no container engine and no
# user namespaces. The base image is made from the machine's own apt sources (base.sh): no image registry is asked. Packages are
# fetched once: both stages of the image, and the next run, take them from the cache of base.sh, or from this machine's own.
# What buildah and apt say goes into the log as it comes, so that a slow network is no hang.
source "$(dirname "$0")/../lib.sh"
here=$top/tests/container

is_root || { cannot container "building an image needs root here"; exit 0; }
for tool in buildah debootstrap; do
	has $tool || { cannot container "$tool is not installed"; exit 0; }
done

# Images are large and /tmp may be memory, so their storage lies in /var/tmp.
storage=$(mktemp -d /var/tmp/ecli-container.XXXXXX)
remove_storage() {
	buildah_ umount --all >/dev/null 2>&1
	rm -rf --one-file-system "$storage"
}
at_exit remove_storage
export BUILDAH_ISOLATION=chroot
mkdir "$storage/lower" "$storage/upper" "$storage/work" "$storage/merged"
driver=vfs # which copies everything for each container
if mount -t overlay -o "lowerdir=$storage/lower,upperdir=$storage/upper,workdir=$storage/work" overlay "$storage/merged" 2>/dev/null; then
	umount "$storage/merged" && driver=overlay
fi
buildah_() { buildah --root "$storage/root" --runroot "$storage/run" --storage-driver $driver "$@"; }
told() { # FILE COMMAND...: what it says goes into the file and, as it comes, into the log
	(set -o pipefail; "${@:2}" 2>&1 | tee "$1" | sed -u 's/^/  | /')
}

export ECLI_TEST_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/ecli-test
if ! told "$scratch/base.out" "$here/base.sh" "$storage/base.tar"; then
	cannot container "no base image: $(tail -n 1 "$scratch/base.out")"
	exit 0
fi
make_base() {
	local container
	container=$(buildah_ from scratch) && buildah_ add -q "$container" "$storage/base.tar" / &&
		buildah_ config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container" &&
		buildah_ commit -q --rm "$container" ecli-test-base
}
if ! told "$scratch/base.out" make_base; then
	not_ok container "buildah cannot make the base image" "$scratch/base.out"
	exit 0
fi
rm -f "$storage/base.tar"

debs=$ECLI_TEST_CACHE/debs
mkdir -p "$debs"
cp -ln /var/cache/apt/archives/*.deb "$debs/" 2>/dev/null # this machine's own, for the time of the test
told "$scratch/build.out" buildah_ bud -v "$debs:/var/cache/apt/archives" --build-arg BASE=localhost/ecli-test-base -t ecli-test \
	-f "$top/Containerfile" "$top"
code=$?
find "$debs" -type f \( -links +1 -o -atime +60 \) -delete
if [ $code != 0 ]; then
	lost=$(grep -m 1 -E 'Failed to fetch|Could not resolve|Temporary failure|Unable to connect|Connection (timed out|failed)' "$scratch/build.out")
	if [ -n "$lost" ]; then
		cannot "the image builds" "packages could not be fetched: $lost"
	else
		not_ok "the image builds" "buildah bud ended with status $code" "$scratch/build.out"
	fi
	exit 0
fi
ok "the image builds"
container=$(buildah_ from ecli-test)
entry=$(buildah_ inspect --format '{{range .OCIv1.Config.Entrypoint}}{{.}} {{end}}' "$container")

# The rights packaging/README.md names for running tools, as far as this machine has them to give.
rights=()
bounding=$((16#$(awk '/^CapBnd:/ { print $2 }' /proc/self/status)))
for right in SYS_ADMIN:21 SYS_RESOURCE:24 PERFMON:38 BPF:39; do
	(((bounding >> ${right#*:}) & 1)) && rights+=(--cap-add "CAP_${right%:*}")
done

# run_image FOLDER [ARG...]: `docker run -v FOLDER:/src IMAGE ARG...`; output in $out, status in $status. The output is written within the
# container: buildah relays it, and now and then loses what came just before the end.
mkdir "$scratch/output"
out=$scratch/output/out
run_image() {
	local folder=$1
	shift
	status=0
	# shellcheck disable=SC2086 # the entry point is a list of words
	patiently buildah --root "$storage/root" --runroot "$storage/run" --storage-driver $driver run "${rights[@]}" -v "$folder:/src" \
		-v "$scratch/output:/output" "$container" -- sh -c 'exec "$@" >/output/out 2>&1' sh $entry "$@" \
		</dev/null >"$scratch/relayed" 2>&1 || status=$?
	[ $status != 124 ] || cat "$scratch/relayed" >>"$out"
}

sources=$top/tests/container/sources
new_folder() { # FILE...: a folder of somebody else's with these files of sources/
	local file
	src=$(mktemp -d "$scratch/src.XXXXXX")
	for file in "$@"; do cp "$sources/$file" "$src/"; done
	chown -R 1234:1234 "$src"
}
has_event() { # PACKAGE EVENT: a package that exports this event type
	jq -e --arg event "$2" '.bpf_object_size > 0 and any(.meta.export_types[]; .name == $event)' "$1" >/dev/null 2>&1
}
owner() { stat -c %u "$1" 2>/dev/null; }

verdict() { # NAME CONDITION...: a shell condition, evaluated
	local name=$1
	shift
	if eval "$@"; then ok "$name"; else not_ok "$name" "status $status, not: $*" "$out"; fi
}

new_folder calls.bpf.c calls.h
run_image "$src"
verdict "one source becomes /src/package.json" \
	'[ $status = 0 ] && has_event "$src/package.json" call && grep -q "^Packing ebpf object" "$out"'
verdict "the package belongs to the owner of the folder" '[ "$(owner "$src/package.json")" = 1234 ]'
one=$src

new_folder calls.bpf.c calls.h marks.bpf.c
run_image "$src"
verdict "several sources become a folder each" \
	'[ $status = 0 ] && has_event "$src/calls/package.json" call && has_event "$src/marks/package.json" mark &&
	[ "$(owner "$src/marks/package.json")" = 1234 ]'

new_folder calls.bpf.c calls.h broken.bpf.c
run_image "$src"
verdict "a source that does not compile is named, the others are made" \
	'[ $status = 1 ] && grep -q "broken.bpf.c: not compiled" "$out" && has_event "$src/calls/package.json" call && [ ! -e "$src/broken" ]'

new_folder
run_image "$src"
verdict "a folder without sources is told so" '[ $status = 2 ] && grep -q "no \*.bpf.c in /src" "$out"'

run_image "$one" marks.bpf.c
verdict "other words go to ecc" '[ $status = 1 ] && grep -q "^ecc: .*marks.bpf.c" "$out"'

run_image "$one" ecli list
verdict "the tools are in the image" '[ $status = 0 ] && grep -q "^exitsnoop " "$out"'

# On the running kernel: the package that was just made, over a call that this script goes on making.
if is_root && [ -r /sys/kernel/btf/vmlinux ]; then
	(
		run_image "$one" ecli run -o json --count 3 package.json
		exit $status
	) &
	runner=$!
	make_event() {
		nice -n 5 true
		is_over $runner
	}
	wait_until make_event || echo "it did not end after 3 events" >>"$out"
	wait_end $runner
	verdict "ecli runs a package from the image" '[ $status = 0 ] && [ "$(grep -c "\"niceness\":5" "$out")" -ge 1 ]'
else
	lacks "ecli runs a package from the image" "this kernel does not tell its types (/sys/kernel/btf/vmlinux)"
fi
