# SPDX-License-Identifier: MIT
# The truth tests of the other tools. Most of these measure times, which are true only where the clock counts instructions: in a boot of
# its own (boot.sh, ECLI_VM_COUNTED).
. /tests/guest.inc
truth others
