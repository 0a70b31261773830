#!/bin/sh
# Installs the packages of the stick, which lie beside this file, and puts the repository into
# ./workshop. It asks no network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ ! -e workshop ] || { echo "install: there is a folder workshop already" >&2; exit 1; }
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo

# Only the stick is asked, whatever sources the system has. A space in a path is %20 there.
apt() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
    -o Dir::Etc::sourcelist="$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$folder/lists" -o APT::Sandbox::User=root "$@"
}

folder=$(mktemp -d)
trap '$as_root rm -rf "$folder"' EXIT
mkdir -p "$folder/lists/partial"
packages=$(printf %s "$here/packages" | sed 's/ /%20/g')
echo "deb [trusted=yes] file:$packages ./" >"$folder/sources.list"
apt update
# shellcheck disable=SC2046 # a word for each package
apt install $(cat "$here/packages.txt")
git clone --quiet "$here/repository.bundle" workshop
if [ -d "$here/deck" ]; then
  mkdir -p workshop/slides
  cp -R "$here/deck" workshop/slides/dist
fi
echo "ready: cd workshop, and ./workshop run"
