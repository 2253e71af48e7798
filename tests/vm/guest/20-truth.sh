# SPDX-License-Identifier: MIT
# The truth tests of tests/truth, the same as on the machine that builds.
export TRUTH_BIN=/truth/bin VARIANTS=/truth/variants ECLI=/bin/ecli PACKAGES=/packages ECC=/nonexistent
# The machines are emulated (boot.sh), which only x86 tells in /proc/cpuinfo.
export TRUTH_PERCENT=15 TRUTH_MISSED=0 TRUTH_EMULATED=yes
# Nobody else uses files here.
export TRUTH_QUIET=yes
# ecli_truth on the kernel's command line: only these tools, with commas.
# shellcheck disable=SC2046 # words
sh /truth/run.sh $(sed -n 's/.*ecli_truth=\([^ ]*\).*/\1/p' /proc/cmdline | tr , ' ')
