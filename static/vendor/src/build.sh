#!/bin/sh
# Rebuilds static/vendor/*.js from the locked versions. For maintainers, after a change of package.json.
set -eu
cd "$(dirname "$0")"
npm ci
npm run build
