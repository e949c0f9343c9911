#!/bin/sh
# Compiles the programs: compile.sh OUTPUT-DIRECTORY
set -eu
here=$(dirname "$0")
for clang in "${CLANG:-}" clang clang-19 clang-18 clang-17 clang-16 clang-15 clang-14; do
    [ -n "$clang" ] && command -v "$clang" >/dev/null && break
    clang=
done
if [ -z "$clang" ]; then
    echo "clang is needed to build the datapath: apt install clang-14 libbpf-dev linux-libc-dev" >&2
    exit 1
fi
if [ ! -f /usr/include/bpf/bpf_helpers.h ]; then
    echo "libbpf's headers are needed to build the datapath: apt install libbpf-dev" >&2
    exit 1
fi
mkdir -p "$1"
cd "$here"
exec "$clang" -g -O2 -mcpu=v3 -Wall -Wextra -Werror -target bpf \
    -I"/usr/include/$(uname -m)-linux-gnu" -ffile-prefix-map="$PWD"=. \
    -c weft.bpf.c -o "$1/weft.bpf.o"
