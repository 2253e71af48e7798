# SPDX-License-Identifier: MIT
#
# Lines of the library that open or map files, by themselves or through somebody who takes a path, but for those with a reason (reasons.awk).

{
	if ($0 ~ /^[ \t]*(\/\*|\*|\/\/|#)/)
		next
	line = $0
	sub(/\/\*.*\*\/$/, "", line)
	gsub(/"[^"]*"/, "\"\"", line) # sentences
	if (line ~ /(^|[^A-Za-z0-9_>.])(open|openat|fopen|freopen|creat|opendir|scandir|nftw|mmap|open_by_handle_at|ecli_file_read|btf__parse[a-z_]*|bpf_program__attach_(uprobe|usdt)[a-z_]*)[ \t]*\(/ ||
	    line ~ /SYS_openat/)
		want_reason($0, line)
}
