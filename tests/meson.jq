# SPDX-License-Identifier: MIT
# One line of Meson's testlog.json in, result lines out (see tests/lib.sh). $prefix goes before every name, $suite is
# the suite that runs them.

def detail: (. // "") | split("\n") | .[-30:] | map("#   | " + gsub("[\u0000-\u0008\u000b-\u001f]"; "?")) | join("\n");

($prefix + (.name | sub("^.* / "; ""))) as $name
| [(.stdout // "") | split("\n")[] | capture("^(?<bad>not )?ok +[0-9]* *(- *)?(?<case>[^#]*?) *(?<skip># *SKIP.*)?$"; "i")] as $cases
| ([$cases[] | select(.bad != null)] | length) as $bad
| ($cases | sort_by(.bad != null)[] # the bad ones last, beside what was printed
   | if .skip != null then "skip \($name): \(.case)\(.skip | sub("^# *SKIP *"; "")) - the test skipped itself"
     elif .bad != null then "not ok \($name): \(.case) - see below"
     else "ok \($name): \(.case)" end),
  (if .result == "SKIP" then (if ($cases | length) == 0 then "skip \($name) - the program skipped itself" else empty end)
   elif .result == "OK" or .result == "EXPECTEDFAIL" then (if ($cases | length) == 0 then "ok \($name)" else empty end)
   elif $bad == 0 then "not ok \($name) - \(.result), status \(.returncode)" else empty end),
  (if .result == "OK" or .result == "SKIP" or .result == "EXPECTEDFAIL" then empty
   else "#   what it printed:", (.stdout | detail), (.stderr | detail), "#   alone: make test SUITES=\($suite)/\(.name | sub("^.* / "; ""))" end)
