# SPDX-License-Identifier: MIT
# The truth tests of the tools that hook functions, which the kernel of the machine that builds may refuse. They count what happened; the
# other tools' are in 21-truth-times.sh and 22-truth-counts.sh.
. /tests/guest.inc
truth filetop opensnoop tcptop unlinksnoop vfsstat
