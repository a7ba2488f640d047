#!/usr/bin/env bash
# Install the command line of this checkout, with the dependencies that are locked for it, and put it on the path.
set -euo pipefail

source=$(cd "$GITHUB_ACTION_PATH/../.." && pwd)
python3 -m venv "$RUNNER_TEMP/readiness"
pip=("$RUNNER_TEMP/readiness/bin/pip" install --quiet --no-compile --disable-pip-version-check)
"${pip[@]}" --require-hashes --requirement "$source/locks/cli.txt"
"${pip[@]}" --no-deps "$source"
echo "$RUNNER_TEMP/readiness/bin" >>"$GITHUB_PATH"
