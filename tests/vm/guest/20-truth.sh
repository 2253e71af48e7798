# SPDX-License-Identifier: MIT
# The truth tests of tests/truth, the same as on the machine that builds.
export TRUTH_BIN=/truth/bin VARIANTS=/truth/variants ECLI=/bin/ecli PACKAGES=/packages ECC=/nonexistent
# Nobody else uses files here.
export TRUTH_QUIET=yes
# Not by default: memleak, offcputime, profile and wakeuptime. The workload is linked statically here, and the names of its functions are not found.
sh /truth/run.sh ${TRUTH_TOOLS:-biolatency cpudist execsnoop exitsnoop filetop hardirqs opensnoop runqlat runqslower softirqs syscount tcpconnect tcplife tcpstates tcptop unlinksnoop vfsstat}
