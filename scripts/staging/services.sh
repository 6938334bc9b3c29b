# Every service, and their order. Source it.
# shellcheck shell=bash
here=$(dirname "${BASH_SOURCE[0]}")
for part in lib tls mariadb redis storage mail app nginx monitoring users; do
  # shellcheck disable=SC1090
  . "$here/$part.sh"
done
# In the order in which they are stopped.
SERVICES=(prometheus alertmanager nginx_exporter redis_exporter mysql_exporter2 mysql_exporter1 node_exporter nginx
  work2 work1 web4 web3 web2 web1 mail storage slow_storage redis3 redis2 redis1 database scratch replica primary)
# lock_staging [SECONDS]: one at a time on one folder; it waits so long for the other.
lock_staging() {
  mkdir -p "$STAGING_DIR"
  exec 9>"$STAGING_DIR/lock"
  flock -w "${1:-0}" 9 || die "another staging command is at work on $STAGING_DIR"
}
