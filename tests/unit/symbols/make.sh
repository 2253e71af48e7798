#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make.sh FOLDER STAMP: target.cpp and its library in all the forms that programs come in, for symbols_test:
#
#   pie  nopie  clang  dwarf4  packed (compressed sections)      with DWARF inside
#   link (debug link, no build id)  id (build id; id.debug)  mini (.gnu_debugdata)  bare (.dynsym only)     stripped
#   static    for another root: needs nothing there
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$1"
mkdir -p "$1/.debug"
stamp=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
cd "$1"

flags="-O2 -fno-omit-frame-pointer -fno-optimize-sibling-calls"
g++ $flags -g -fPIC -shared -x c "$here/library.c" -o libpart.so -Wl,-soname,libpart.so
rpath="-Wl,-rpath,$PWD"
build() { # NAME COMPILER OPTION...
	name=$1
	shift
	"$@" $flags "$here/target.cpp" -o "$name" -L. -lpart "$rpath"
}
build pie g++ -g -pie -fPIE
build nopie g++ -g -no-pie -fno-pie
build dwarf4 g++ -gdwarf-4
build packed g++ -g -gz=zlib
clang=
for one in clang-19 clang-18 clang-17 clang-16 clang-15 clang; do command -v $one >/dev/null && { clang=$one; break; }; done
if [ -n "$clang" ]; then build clang "$clang" -g -pie -fPIE -Wno-unknown-attributes -Wno-ignored-attributes; fi

g++ $flags -g -static "$here/target.cpp" -x c "$here/library.c" -o static
split() { # NAME: takes its debug information out
	objcopy --only-keep-debug "$1" "$1.debug"
	strip "$1"
}
build link g++ -g -Wl,--build-id=none
split link
mv link.debug .debug/
(cd .debug && objcopy --add-gnu-debuglink=link.debug ../link)
g++ $flags -g -static -Wl,--build-id=sha1 "$here/target.cpp" -x c "$here/library.c" -o id
split id
build mini g++ -g -Wl,--build-id=none
nm --format=posix --defined-only mini | awk '$2 == "T" || $2 == "t" || $2 == "W" { print $1 }' >mini.keep
objcopy --strip-debug --keep-symbols=mini.keep mini mini.small
xz -f mini.small
strip mini
objcopy --add-section .gnu_debugdata=mini.small.xz mini
rm mini.keep
cp mini bare
objcopy --remove-section .gnu_debugdata bare
: >"$stamp"
