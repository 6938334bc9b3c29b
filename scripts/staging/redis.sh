# Redis: three nodes that make one cluster, with a password. Source it.
# shellcheck shell=bash

redis_ask() { REDISCLI_AUTH=$(secret redis) redis-cli -h 127.0.0.1 -p "$@"; }
redis_node() {
  local number=$1 port=PORT_REDIS$1 bus=PORT_BUS$1 folder=$STAGING_DIR/data/redis$1
  mkdir -p "$folder"
  (
    umask 077
    {
      cat "$ROOT/deploy/redis/redis.conf"
      printf 'bind 127.0.0.1\nport %s\ncluster-port %s\ndir %s\nrequirepass %s\nmasterauth %s\n' "${!port}" "${!bus}" "$folder" "$(secret redis)" "$(secret redis)"
    } >"$folder/redis.conf"
  )
  spawn "redis$number" redis-server "$folder/redis.conf"
  healthy "redis$number" 20 redis_ask "${!port}" ping
}
cluster_is_whole() { redis_ask "$PORT_REDIS1" cluster info | grep -q 'cluster_state:ok' && [ "$(redis_ask "$PORT_REDIS1" cluster info | tr -d '\r' | sed -n 's/cluster_known_nodes://p')" = 3 ]; }
start_redis() {
  redis_node 1
  redis_node 2
  redis_node 3
  if ! redis_ask "$PORT_REDIS1" cluster nodes | grep -q 'slave\|master.*[0-9]-[0-9]'; then
    redis_ask "$PORT_REDIS1" --cluster create "127.0.0.1:$PORT_REDIS1" "127.0.0.1:$PORT_REDIS2" "127.0.0.1:$PORT_REDIS3" --cluster-yes >>"$LOGS/redis-create.log" 2>&1 ||
      { tail "$LOGS/redis-create.log" >&2; die "the Redis cluster could not be made"; }
  fi
  healthy redis1 30 cluster_is_whole
}
redis_url() { echo "redis-cluster://default:$(secret redis)@127.0.0.1:$PORT_REDIS1?node=127.0.0.1:$PORT_REDIS2&node=127.0.0.1:$PORT_REDIS3"; }
