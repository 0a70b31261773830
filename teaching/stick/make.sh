#!/usr/bin/env bash
# Makes the tar for a USB stick, for machines of this one's Debian without a network; see
# teaching/before_the_day.md. ./workshop bundle calls it.
# usage: make.sh FOLDER PACKAGE...     makes FOLDER and FOLDER.tar
set -euo pipefail
folder=$1
shift

# Fetches the packages with all that they need on a system that has nothing yet.
fetch_packages() {
  local archives=$folder/packages
  mkdir -p "$archives/partial"
  : >"$folder/status"
  apt-get -q -y --download-only --no-install-recommends -o Dir::State::status="$PWD/$folder/status" \
    -o Dir::Cache::archives="$PWD/$archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)" install "$@"
  rm -rf "$archives/partial" "$archives/lock" "$folder/status"
  printf '%s\n' "$@" >"$folder/packages.txt"
}

# What apt reads to install from a folder.
write_index() {
  local package
  for package in "$folder"/packages/*.deb; do
    dpkg-deb --field "$package"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "${package##*/}" "$(wc -c <"$package")" \
      "$(sha256sum "$package" | cut -d' ' -f1)"
  done >"$folder/packages/Packages"
}

copy_repository() {
  local branch
  branch=$(git symbolic-ref --quiet --short HEAD || true)
  git bundle create --quiet "$folder/repository.bundle" HEAD ${branch:+"$branch"}
  if [[ -f slides/dist/index.html ]]; then cp -R slides/dist "$folder/deck"; fi
}

rm -rf "$folder" "$folder.tar"
mkdir -p "$folder"
fetch_packages "$@"
write_index
copy_repository
cp teaching/stick/install.sh "$folder/install"
tar -C "$(dirname "$folder")" -cf "$folder.tar" "$(basename "$folder")"
rm -rf "$folder"
