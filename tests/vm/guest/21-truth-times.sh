# SPDX-License-Identifier: MIT
# The truth tests of the tools that measure times, which are true only where the clock counts instructions: in a boot of its own (boot.sh,
# ECLI_VM_COUNTED).
. /tests/guest.inc
truth biolatency cpudist exitsnoop hardirqs offcputime profile runqlat runqslower softirqs syscount tcplife wakeuptime
