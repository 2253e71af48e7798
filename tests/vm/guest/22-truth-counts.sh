# SPDX-License-Identifier: MIT
# The truth tests of the tools that count, or say what happened, and hook no functions: any kernel runs these, so they are run in a machine only by
# `make test-vm`. In the boot whose clock counts instructions: there waiting takes no time.
. /tests/guest.inc
truth execsnoop memleak tcpconnect tcpstates
