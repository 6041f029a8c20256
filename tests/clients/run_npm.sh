#!/bin/sh
# Runs an official npm client against the vendor simulator: run_npm.sh SIMULATOR CLIENT BUILD_FOLDER
# CLIENT is a folder beside this file. Exit status 77 means skipped: no Node.js, or no npm registry.
set -eu

if [ $# -ne 3 ]; then
    echo "usage: run_npm.sh SIMULATOR CLIENT BUILD_FOLDER" >&2
    exit 2
fi
simulator=$(realpath "$1")
clients=$(dirname "$(realpath "$0")")
source=$clients/$2
mkdir -p "$3"
cd "$3"

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "skipped: node and npm are needed"
    exit 77
fi
cp "$source/package.json" "$source/package-lock.json" "$source/test.mjs" "$clients/simulator.mjs" .

# A lock file that does not fit is a failure; only a registry out of reach is a reason to skip.
if ! npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1; then
    cat npm.log
    package=$(node -p 'Object.keys(require("./package.json").dependencies)[0]')
    if npm view "$package" version >/dev/null 2>&1; then
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
