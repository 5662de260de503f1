# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: Apache-2.0
#
# What up and down share: where things are, and how tugd is started and ended.

programs=/usr/local/lib/tug
client=/usr/local/bin/tug
run_directory=/run/tug
state_directory=/var/lib/tug
log_directory=/var/log/tug
unit=/etc/systemd/system/tugd.service
rest_socket=$run_directory/tug.sock
pid_file=$run_directory/tugd.pid
start_timeout=30
stop_timeout=30

say() { echo "tug: $*" >&2; }

die() {
  say "$@"
  exit 1
}

require_root() {
  ((EUID == 0)) || die "$(basename "$0") must run as root"
}

has_systemd() { [[ -d /run/systemd/system ]]; }

# Prints tugd's pid if it runs. The file may be of a tugd that was killed, and
# its pid somebody else's by now, even a tugd's of another engine: ours is who
# holds the lock. (Looked up, since trying the lock could keep a starting tugd
# from it.)
tugd_pid() {
  local pid
  [[ -s $pid_file ]] || return 1
  pid=$(<"$pid_file")
  grep --quiet "FLOCK .* WRITE $pid [^ ]*:$(stat --format=%i "$pid_file") " \
    /proc/locks || return 1
  echo "$pid"
}

# api METHOD TARGET [curl options]
api() {
  local method=$1 target=$2
  shift 2
  curl --silent --show-error --fail-with-body --max-time 60 \
    --unix-socket "$rest_socket" --request "$method" "$@" \
    "http://localhost$target"
}

answers() {
  [[ -S $rest_socket ]] && tugd_pid >/dev/null &&
    [[ $(api GET /_ping --max-time 2 2>/dev/null) == OK ]]
}

# wait_for SECONDS CONDITION [ARGUMENTS]: polls; fails when time is over.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.05
  done
}

not_running() { ! tugd_pid >/dev/null; }

stop_tugd() {
  local pid
  if has_systemd && [[ -e $unit ]]; then systemctl stop tugd.service; fi
  pid=$(tugd_pid) || return 0
  kill -TERM "$pid"
  wait_for "$stop_timeout" not_running ||
    die "tugd (pid $pid) has not ended within $stop_timeout s"
}
