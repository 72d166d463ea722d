#!/usr/bin/env bash
# Formats the C++ sources; with --check only says which are not formatted, with --tidy runs clang-tidy.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t sources < <(git ls-files '*.cpp' '*.hpp')
case "${1:-}" in
--check) clang-format --dry-run --Werror "${sources[@]}" ;;
--tidy)
    [ -f build/tests/compile_commands.json ] || cmake --preset tests >/dev/null
    mapfile -t units < <(git ls-files 'app/*.cpp' 'plugins/*.cpp')
    clang-tidy --quiet -p build/tests "${units[@]}"
    ;;
"") clang-format -i "${sources[@]}" ;;
*) echo "Usage: scripts/format.sh [--check|--tidy]" >&2; exit 2 ;;
esac
