# SPDX-License-Identifier: MIT
# A small validator of JSON Schema 2020-12: the words that `ecli inspect --schema` writes, and an error for any other word.
#   jq --slurpfile schema FILE 'include "schema"; [.[] | problems($schema[0])]'
# problems/1: the list of what is wrong, empty when the value is valid. Numbers of 64 bits lose digits in jq; that errs within
# the range of a double, not across it.
def type_is($name):
  if $name == "integer" then type == "number" and (. == floor) else type == $name end;
def problems($s):
  . as $value
  | (($s | keys) - ["$schema", "title", "type", "properties", "required", "additionalProperties", "items", "minItems",
                    "maxItems", "minimum", "maximum", "maxLength", "pattern", "format", "enum", "const", "anyOf", "oneOf"]
     | map("unknown word \(.)"))
  + (if ($s | has("type")) and ([$s.type] | flatten | any(.[]; . as $t | $value | type_is($t)) | not)
     then ["\($value | tojson) is not \($s.type | tojson)"] else [] end)
  + (if ($s | has("minimum")) and ($value | type) == "number" and $value < $s.minimum then ["\($value) is too small"] else [] end)
  + (if ($s | has("maximum")) and ($value | type) == "number" and $value > $s.maximum then ["\($value) is too large"] else [] end)
  + (if ($s | has("maxLength")) and ($value | type) == "string" and ($value | length) > $s.maxLength
     then ["\($value | tojson) is too long"] else [] end)
  + (if ($s | has("pattern")) and ($value | type) == "string" and ($value | test($s.pattern) | not)
     then ["\($value | tojson) does not match \($s.pattern)"] else [] end)
  + (if $s.format == "date-time" and ($value | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{6}[+-][0-9]{2}:[0-9]{2}$") | not)
     then ["\($value | tojson) is no date and time"] else [] end)
  + (if ($s | has("enum")) and ($s.enum | index([$value]) == null) and ($s.enum | any(.[]; . == $value) | not)
     then ["\($value | tojson) is not among \($s.enum | tojson)"] else [] end)
  + (if ($s | has("const")) and $value != $s.const then ["\($value | tojson) is not \($s.const)"] else [] end)
  + (if ($s | has("anyOf")) and ($s.anyOf | any(.[]; . as $one | $value | problems($one) == []) | not)
     then ["\($value | tojson) is none of \($s.anyOf | tojson)"] else [] end)
  + (if ($s | has("oneOf")) and ([$s.oneOf[] | . as $one | $value | problems($one) | select(. == [])] | length) != 1
     then ["\($value | tojson) is not exactly one of the schemas"] else [] end)
  + (if ($value | type) == "object" then
      ($s.required // [] | map(select(. as $key | $value | has($key) | not) | "\(.) is missing"))
      + (if $s.additionalProperties == false then ($value | keys) - ($s.properties | keys) | map("\(.) is not known") else [] end)
      + [$value | to_entries[] | .key as $key | select($s.properties // {} | has($key))
         | .value | problems($s.properties[$key])[] | "\($key): \(.)"]
     else [] end)
  + (if ($value | type) == "array" then
      (if ($s | has("minItems")) and ($value | length) < $s.minItems then ["too few items"] else [] end)
      + (if ($s | has("maxItems")) and ($value | length) > $s.maxItems then ["too many items"] else [] end)
      + (if $s | has("items") then [$value[] | problems($s.items)[]] else [] end)
     else [] end);
