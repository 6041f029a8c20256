#!/bin/sh
# Runs the official OpenAI client against the vendor simulator: run.sh SIMULATOR BUILD_FOLDER
# Exit status 77 means skipped: no Node.js, or no npm registry.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: run.sh SIMULATOR BUILD_FOLDER" >&2
    exit 2
fi
simulator=$(realpath "$1")
source=$(dirname "$(realpath "$0")")
mkdir -p "$2"
cd "$2"

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "skipped: node and npm are needed"
    exit 77
fi
cp "$source/package.json" "$source/package-lock.json" "$source/test.mjs" .

# A lock file that does not fit is a failure; only a registry out of reach is a reason to skip.
if ! npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1; then
    cat npm.log
    if npm view openai version >/dev/null 2>&1; then
        exit 1
    fi
    echo "skipped: the npm registry is out of reach"
    exit 77
fi

# The simulator leaves when the last holder of descriptor 9 is gone, however this script ends.
rm -f port lifeline
mkfifo lifeline
"$simulator" --port-file port --no-quirks --exit-on-stdin-eof <lifeline &
pid=$!
exec 9>lifeline
until [ -s port ]; do
    kill -0 "$pid" || exit 1
    sleep 0.01
done
SIMULATOR_URL="http://127.0.0.1:$(cat port)" node --test test.mjs
