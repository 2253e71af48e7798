# SPDX-License-Identifier: MIT
# The truth tests of tests/truth, the same as on the machine that builds.
export TRUTH_BIN=/truth/bin VARIANTS=/truth/variants ECLI=/bin/ecli PACKAGES=/packages ECC=/nonexistent
# The machines are emulated (boot.sh), which only x86 tells in /proc/cpuinfo.
export TRUTH_PERCENT=15 TRUTH_MISSED=0 TRUTH_EMULATED=yes
# Nobody else uses files here.
export TRUTH_QUIET=yes
sh /truth/run.sh ${TRUTH_TOOLS:-}
