# SPDX-License-Identifier: MIT
# The truth tests of tests/truth, the same as on the machine that builds.
export TRUTH_BIN=/truth/bin VARIANTS=/truth/variants ECLI=/bin/ecli PACKAGES=/packages ECC=/nonexistent
# Nobody else uses files here.
export TRUTH_QUIET=yes
sh /truth/run.sh ${TRUTH_TOOLS:-}
