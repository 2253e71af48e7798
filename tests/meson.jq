# SPDX-License-Identifier: MIT
# One line of Meson's testlog.json in, result lines out (see tests/lib.sh). $prefix goes before every name, $suite is
# the suite that runs them. A failure names what is tested, a test's second suite (src/where), and says what cmocka said.

def clean: gsub("[\u0000-\u0008\u000b-\u001f]"; "?");
def detail: (. // "") | split("\n") | .[-30:] | map("#   | " + clean) | join("\n");
def short: clean | if length > 600 then .[:600] + "..." else . end;

# The results in lines of TAP, each with what follows it: "# WHY" lines, the last of which says where.
def cases:
  reduce split("\n")[] as $line ([];
    ($line | capture("^(?<bad>not )?ok +[0-9]* *(- *)?(?<case>[^#]*?) *(?<skip># *SKIP.*)?$"; "i") // null) as $found
    | if $found != null then . + [$found + {why: [], said: false}]
      elif length > 0 and (.[-1].said | not) and ($line | startswith("# ")) then
        .[-1] |= ((.why += [$line[2:]]) | .said = ($line | test(": error: Failure!$|^# Test failed with exception")))
      else . end);

def why:
  if (.why | length) == 0 then "see below"
  else [.why[] | sub("^(?<at>.*:[0-9]+): error: Failure!$"; "at \(.at)") | sub("^at (\\.\\./)+"; "at ")] | join("; ") | short end;

# Why a program died: the line that says so.
def last_words:
  [((.stderr // "") + "\n" + (.stdout // "")) | split("\n")[] | select(test("^SUMMARY: |^patient: .* hung: |runtime error: |not true: |^Assertion |: Assertion "))]
  | if length > 0 then ": " + (.[0] | short) else "" end;

(.name | sub("^.* / "; "")) as $test
| ($prefix + $test) as $name
| (.name | sub(" / .*$"; "") | sub("^[^:]*:"; "") | split("+") | if length > 1 then .[1] + ": " else "" end) as $tested
| ((.stdout // "") | cases) as $cases
| ([$cases[] | select(.bad != null and .skip == null)] | length) as $bad
| ($cases | sort_by(.bad != null)[] # the bad ones last, beside what was printed
   | if .skip != null then "skip \($name): \(.case)\(.skip | sub("^# *SKIP *"; "")) - the test skipped itself"
     elif .bad != null then "not ok \($name): \(.case) - \($tested)\(why)"
     else "ok \($name): \(.case)" end),
  (if .result == "SKIP" then (if ($cases | length) == 0 then "skip \($name) - the program skipped itself" else empty end)
   elif .result == "OK" or .result == "EXPECTEDFAIL" then (if ($cases | length) == 0 then "ok \($name)" else empty end)
   elif $bad == 0 then "not ok \($name) - \($tested)the program ended with status \(.returncode) (\(.result))\(last_words)" else empty end),
  (if .result == "OK" or .result == "SKIP" or .result == "EXPECTEDFAIL" then empty
   else "#   what it printed:", (.stdout | detail), (.stderr | detail), "#   alone: make test SUITES=\($suite)/\($test)" end)
