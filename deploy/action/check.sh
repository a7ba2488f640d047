#!/usr/bin/env bash
# Run `readiness check`, and add its report to the summary of the job. Exits with its exit code.
set -ufo pipefail

readonly LIMIT=1000000 # bytes; GitHub drops the summary of a step that has more than 1 MiB
report=$RUNNER_TEMP/readiness-summary.md
errors=$RUNNER_TEMP/readiness-errors.txt
rm -f "$report"

arguments=(--fail-on "$READINESS_FAIL_ON" --output "$report")
[ -z "$READINESS_TABLE_NAME" ] || arguments+=(--table "$READINESS_TABLE_NAME")
[ -z "$READINESS_CONFIG" ] || arguments+=(--config "$READINESS_CONFIG")
[ -z "$READINESS_SNAPSHOT" ] || arguments+=(--snapshot "$READINESS_SNAPSHOT")
[ "$READINESS_REQUIRE_COMPLETE" != true ] || arguments+=(--require-complete)
for rule in $READINESS_RULES; do
  arguments+=(--rule "$rule")
done
while IFS= read -r file; do
  [ -z "$file" ] || arguments+=(--output "$file")
done <<<"$READINESS_OUTPUT"

# The runner takes a line that begins with :: for a command of the workflow, and the name of an alarm can begin a line.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
readiness check "${arguments[@]}" 2>"$errors"
code=$?
cat "$errors" >&2
echo "::$token::"

if [ -s "$report" ]; then
  head -c "$LIMIT" "$report"
else
  printf '%s\n\n' "**Readiness has no report.** The exit code of the check is $code."
  sed 's/^/    /' "$errors"
fi >>"$GITHUB_STEP_SUMMARY"

echo "exit-code=$code" >>"$GITHUB_OUTPUT"
exit "$code"
