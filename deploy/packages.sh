#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The Debian 12 packages of Tug, in one place.
#   packages.sh GROUP...             prints them
#   packages.sh --install GROUP...   installs those that are missing
# Groups: build, run, test, vm.
set -euo pipefail

build_packages=(
  g++ bazel-bootstrap bazel-rules-java bazel-rules-proto
  libgrpc++-dev protobuf-compiler-grpc protobuf-compiler libprotobuf-dev
  libabsl-dev libre2-dev librocksdb-dev libseccomp-dev libspdlog-dev
  libcli11-dev libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev
  libssl-dev libcurl4-openssl-dev libarchive-dev libisal-dev libdeflate-dev
  libzstd-dev libmnl-dev libnftnl-dev libnftables-dev libcap-dev libldns-dev
  libgtest-dev libgmock-dev
)
# tini is the program behind `docker run --init`; busybox-static is the image
# that deploy/up tries, curl and tar are how.
run_packages=(tini busybox-static curl tar iproute2 nftables ca-certificates)
test_packages=(
  python3 python3-docker python3-grpcio python3-grpc-tools
  python3-websocket docker-registry
  skopeo openssl iproute2 nftables iptables procps util-linux apache2-utils
  debootstrap strace
)
vm_packages=(qemu-system-x86 debootstrap e2fsprogs)

list() {
  local group
  for group in "$@"; do
    case $group in
      build) printf '%s\n' "${build_packages[@]}" ;;
      run) printf '%s\n' "${run_packages[@]}" ;;
      test) printf '%s\n' "${test_packages[@]}" ;;
      vm) printf '%s\n' "${vm_packages[@]}" ;;
      *)
        echo "packages.sh: unknown group $group" \
          "(build, run, test, vm)" >&2
        return 2
        ;;
    esac
  done | sort -u
}

# Of the packages on standard input, those that are not installed.
missing() {
  local wanted
  mapfile -t wanted
  comm -23 <(printf '%s\n' "${wanted[@]}" | sort) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" \
      2>/dev/null | sed -n 's/^installed //p' | sort)
}

install_missing() {
  local packages
  mapfile -t packages < <(list "$@" | missing)
  ((${#packages[@]} == 0)) && return 0
  echo "installing: ${packages[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y --no-install-recommends "${packages[@]}" >&2 && return 0
  # The package lists may be older than the archive.
  apt-get update >&2
  apt-get install -y --no-install-recommends "${packages[@]}" >&2
}

if [[ ${1:-} == --install ]]; then
  shift
  install_missing "$@"
else
  list "$@"
fi
