#!/bin/sh
# A compiler that counts which lines are run; `make coverage` has cargo call it for the workspace's own crates.
exec "$@" -C instrument-coverage
