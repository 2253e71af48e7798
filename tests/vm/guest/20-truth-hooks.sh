# SPDX-License-Identifier: MIT
# The truth tests of the tools that hook functions, which the kernel of the machine that builds may refuse. They count what happened; the
# other tools' are in 21-truth-times.sh.
. /tests/guest.inc
truth hooking
