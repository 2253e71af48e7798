# SPDX-License-Identifier: MIT
# Which rights the tools take whose best hooks a builder's kernel may lack (tests/live/rights/run.sh).
. /tests/guest.inc
AS_NOBODY=/bin/as_nobody RIGHTS=/rights/rights.md TOOLS='filetop opensnoop unlinksnoop vfsstat' MUST=1 sh /rights/run.sh
