#!/usr/bin/env bash
# Builds everything that the tests need and runs them all.
# Usage: scripts/test.sh [--no-sanitizers|--all] [ctest's arguments, e.g. -R rtp]
#   1. optimised build, warnings are errors: all tests
#   2. address and undefined-behaviour sanitizers: unit and element tests, corpora of the fuzz targets,
#      a choice of the end-to-end tests
#   3. thread sanitizer: what has threads and no GLib (tests/threads)
#   4. Clang: each fuzz target runs its corpus, then searches for some seconds
#   5. only with --all: the programs that people play with (tests/interop), some minutes more
set -euo pipefail
cd "$(dirname "$0")/.."

sanitizers=yes
interop=no
case "${1:-}" in
--no-sanitizers) sanitizers=no && shift ;;
--all) interop=yes && shift ;;
esac

scripts/setup.sh test
[ "$interop" = no ] || scripts/setup.sh interop

# configure_and_build PRESET [TARGET]
configure_and_build() {
    [ -f "build/$1/build.ninja" ] || cmake --preset "$1"
    cmake --build "build/$1" --target "${2:-all}"
}

# Tests of real servers and clients in real time get a second try: a machine that does something else for
# some seconds makes cameras late and players lose packets. The first failure is printed all the same.
readonly real_time='^(e2e|e2e-short|support|bench)$'
readonly second_try=(--repeat until-pass:2)

configure_and_build tests
ctest --test-dir build/tests -j2 --output-on-failure --timeout 180 -LE "$real_time|^interop$" "$@"
ctest --test-dir build/tests -j2 --output-on-failure --timeout 180 -L "$real_time" "${second_try[@]}" "$@"
[ "$sanitizers" = yes ] || exit 0

configure_and_build asan sanitizer_tests
# Without intercept_tls_get_addr=0 the search for leaks crashes where a library with thread-local data was
# loaded while threads ran, as GIO does for TLS.
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=0
ASAN_OPTIONS+=:fast_unwind_on_malloc=0:intercept_tls_get_addr=0
export UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0
ctest --test-dir build/asan -j2 --output-on-failure --timeout 300 -L '^(unit|element|fuzz)$' "${second_try[@]}" "$@"
ctest --test-dir build/asan -j2 --output-on-failure --timeout 300 -L '^e2e-short$' "${second_try[@]}" "$@"

configure_and_build tsan thread_tests
ctest --test-dir build/tsan --output-on-failure --timeout 300 -L '^threads$' "$@"

configure_and_build fuzz fuzz_targets
ctest --test-dir build/fuzz -j2 --output-on-failure -L '^fuzz$' "$@"
[ "$interop" = yes ] || exit 0

ctest --test-dir build/tests --output-on-failure -L '^interop$' "${second_try[@]}" "$@"
