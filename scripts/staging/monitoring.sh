# Prometheus with its rules, Alertmanager, and one exporter for each kind of thing. Source it.
# shellcheck shell=bash

# targets JOB "ADDRESS…" [LABELS]: what the job of deploy/prometheus/prometheus.yml finds here.
targets() {
  local address
  printf -- '- targets: ['
  for address in $2; do printf "'%s'," "$address"; done | sed 's/,$//'
  printf ']\n'
  [ -z "${3:-}" ] || printf '  labels: { %s }\n' "$3"
}
# watch_app NAMES…: Prometheus looks at these processes of ours.
watch_app() {
  local name port web='' work='' file=$STAGING_DIR/prometheus/targets/auto-grader-backend.yml
  for name; do
    case $name in
      web*) port=PORT_API${name#web} web="$web 127.0.0.1:${!port}" ;;
      work*) port=PORT_WORK${name#work} work="$work 127.0.0.1:${!port}" ;;
    esac
  done
  {
    targets backend "$web" 'role: web'
    targets backend "$work" 'role: worker'
  } >"$file.part"
  mv "$file.part" "$file"
}
start_exporters() {
  spawn node_exporter prometheus-node-exporter --web.listen-address="127.0.0.1:$PORT_NODE_EXPORTER" --no-collector.netclass --no-collector.systemd
  local name number
  for number in 1 2; do
    [ "$number" = 1 ] && name=primary || name=replica
    local port=PORT_MYSQL_EXPORTER$number
    (umask 077 && printf '[client]\nuser=exporter\npassword=%s\nsocket=%s\n' "$(secret exporter)" "$STAGING_DIR/run/$name.sock" >"$STAGING_DIR/secrets/exporter-$name.cnf")
    spawn "mysql_exporter$number" prometheus-mysqld-exporter --web.listen-address="127.0.0.1:${!port}" --config.my-cnf="$STAGING_DIR/secrets/exporter-$name.cnf" \
      --collect.info_schema.innodb_metrics
  done
  (umask 077 && printf '{"redis://127.0.0.1:%s":"%s","redis://127.0.0.1:%s":"%s","redis://127.0.0.1:%s":"%s"}' "$PORT_REDIS1" "$(secret redis)" "$PORT_REDIS2" \
    "$(secret redis)" "$PORT_REDIS3" "$(secret redis)" >"$STAGING_DIR/secrets/redis-exporter.json")
  spawn redis_exporter prometheus-redis-exporter -web.listen-address "127.0.0.1:$PORT_REDIS_EXPORTER" -redis.addr '' -redis.password-file "$STAGING_DIR/secrets/redis-exporter.json"
  spawn nginx_exporter prometheus-nginx-exporter -web.listen-address "127.0.0.1:$PORT_NGINX_EXPORTER" -nginx.scrape-uri "http://127.0.0.1:$PORT_NGINX_STATUS/nginx-status"
}
start_monitoring() {
  local out=$STAGING_DIR/prometheus
  mkdir -p "$out/targets" "$STAGING_DIR/data/prometheus" "$STAGING_DIR/data/alertmanager"
  start_exporters
  sed "s/scrape_interval: 15s/scrape_interval: ${SCRAPE_INTERVAL:-15s}/; s/evaluation_interval: 15s/evaluation_interval: ${SCRAPE_INTERVAL:-15s}/" \
    "$ROOT/deploy/prometheus/prometheus.yml" | sed "s/scrape_timeout: 10s/scrape_timeout: ${SCRAPE_INTERVAL:-10s}/" >"$out/prometheus.yml"
  cp -r "$ROOT/deploy/prometheus/rules" "$out/"
  watch_app web1 web2 work1
  {
    targets mysql "127.0.0.1:$PORT_MYSQL_EXPORTER1" 'server: primary'
    targets mysql "127.0.0.1:$PORT_MYSQL_EXPORTER2" 'server: replica'
  } >"$out/targets/mysql.yml"
  targets redis "redis://127.0.0.1:$PORT_REDIS1 redis://127.0.0.1:$PORT_REDIS2 redis://127.0.0.1:$PORT_REDIS3" "__exporter: '127.0.0.1:$PORT_REDIS_EXPORTER'" >"$out/targets/redis.yml"
  targets node "127.0.0.1:$PORT_NODE_EXPORTER" >"$out/targets/node.yml"
  targets nginx "127.0.0.1:$PORT_NGINX_EXPORTER" >"$out/targets/nginx.yml"
  targets alertmanager "127.0.0.1:$PORT_ALERTMANAGER" >"$out/targets/alertmanager.yml"
  sed "s|smarthost: .*|smarthost: 127.0.0.1:$PORT_SMTP|; s/example\.org/$DOMAIN/g; s/smtp_require_tls: true/smtp_require_tls: false/" "$ROOT/deploy/alertmanager/alertmanager.yml" \
    >"$STAGING_DIR/alertmanager.yml"
  spawn alertmanager prometheus-alertmanager --config.file="$STAGING_DIR/alertmanager.yml" --storage.path="$STAGING_DIR/data/alertmanager" \
    --web.listen-address="127.0.0.1:$PORT_ALERTMANAGER" --cluster.listen-address=
  spawn prometheus prometheus --config.file="$out/prometheus.yml" --storage.tsdb.path="$STAGING_DIR/data/prometheus" --storage.tsdb.retention.time=2d \
    --web.listen-address="127.0.0.1:$PORT_PROMETHEUS" --web.enable-lifecycle
  healthy alertmanager 20 answers "http://127.0.0.1:$PORT_ALERTMANAGER/-/ready"
  healthy prometheus 30 answers "http://127.0.0.1:$PORT_PROMETHEUS/-/ready"
}
