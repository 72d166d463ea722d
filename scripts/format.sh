#!/usr/bin/env bash
# Formats the C++ sources; with --check only says which are not formatted, with --tidy runs clang-tidy.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t sources < <(git ls-files '*.cpp' '*.hpp')
case "${1:-}" in
--check) clang-format --dry-run --Werror "${sources[@]}" ;;
--tidy)
    # Configured only, and without GCC's precompiled headers, which clang-tidy cannot read.
    cmake --preset tests -B build/tidy -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
    mapfile -t units < <(git ls-files 'app/*.cpp' 'plugins/*.cpp')
    clang-tidy --quiet -p build/tidy "${units[@]}"
    ;;
"") clang-format -i "${sources[@]}" ;;
*) echo "Usage: scripts/format.sh [--check|--tidy]" >&2; exit 2 ;;
esac
