# SPDX-License-Identifier: MIT
# The harness itself: the kernel that was asked for runs, and it has what CO-RE needs.
. /tests/guest.inc

wanted=$(word ecli_kernel)
case $(uname -r) in
"$wanted") ok "the kernel is $wanted" ;;
*) not_ok "the kernel is $wanted" "it is $(uname -r)" ;;
esac

magic=$(head -c 2 /sys/kernel/btf/vmlinux | hexdump -e '1/2 "%x"')
if [ "$magic" = eb9f ]; then
	ok "the kernel tells its types"
else
	not_ok "the kernel tells its types" "/sys/kernel/btf/vmlinux begins with '$magic'"
fi
