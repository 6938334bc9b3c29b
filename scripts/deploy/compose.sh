# How deploy.sh and the runbook's scripts handle docker-compose.prod.yml: app-a, app-b and worker, by image. Source it. (Blue and green need twice the room of the
# machine; on one machine the rolling way is the one to use, so it is the only one here.)
# shellcheck shell=bash

# shellcheck disable=SC2154 # set by deploy.sh
compose() { docker compose -f "$ROOT/docker-compose.prod.yml" --env-file "$ROOT/.env.production" "$@"; }
a_prepare() {
  [ "$mode" = rolling ] || die "with compose only the rolling way is there"
  [ -f "$ROOT/.env.production" ] || die ".env.production is missing: copy .env.production.example and fill it in"
  compose version >/dev/null 2>&1 || die "docker compose is missing"
}
from_env() { sed -n "s/^$1=//p" "$ROOT/.env.production" | tail -n 1; }
a_current() { from_env IMAGE; }
a_previous() { from_env STABLE_IMAGE; }
a_install() {
  docker image inspect "$1" >/dev/null 2>&1 || docker pull -q "$1" >&2
  echo "$1"
}
a_record() {
  sed -i "s|^IMAGE=.*|IMAGE=$1|; s|^STABLE_IMAGE=.*|STABLE_IMAGE=$2|" "$ROOT/.env.production"
}
a_web() { printf 'app-a\napp-b\n'; }
a_all_web() { a_web; }
a_workers() { echo worker; }
a_exists() { [ -n "$(compose ps -q "$1")" ]; }
a_address() { if [ "$2" = app ]; then echo "$1:3000"; else echo "$1:5000"; fi; }
a_upstreams() { mkdir -p "$ROOT/deploy/run/upstream" && echo "$ROOT/deploy/run/upstream"; }
a_reload() { compose exec -T nginx nginx -t -q -c /etc/auto-grader/nginx.conf && compose kill -s HUP nginx; }
a_nginx_workers() { compose exec -T nginx bash -s 1 <"$ROOT/deploy/nginx/workers.sh"; }
# Inside the network nobody counts connections for us; with the workers of Nginx that knew the process, they are gone.
a_drained() { true; }
a_stop() { compose stop "$1"; }
a_start() { IMAGE=$2 compose up -d --no-deps --force-recreate "$1"; }
a_ready() {
  local tries=120
  until [ "$(docker inspect -f '{{.State.Health.Status}}' "$(compose ps -q "$1")" 2>/dev/null)" = healthy ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { compose logs --tail 20 "$1" >&2; return 1; }
    sleep 1
  done
}
a_migrate() { IMAGE=$1 compose run --rm --no-deps migrate migrate "$2"; }

# ---- for the runbook's scripts -----------------------------------------------------------------------------------
a_site() {
  SITE_DOMAIN=$(from_env DOMAIN) SITE_ADMIN=$(from_env ADMIN_EMAIL)
  [ -n "$SITE_DOMAIN" ] || die "DOMAIN is missing in .env.production"
  SITE_URL=https://$SITE_DOMAIN SITE_TRUST=()
}
a_state() { echo /var/lib/auto-grader; }
# In the container that serves; another version in one of its own.
a_grader() {
  local version=$1
  shift
  if [ -z "$version" ] || [ "$version" = "$(a_current)" ]; then
    compose exec -T -e LOG_LEVEL=warn ${AUTO_GRADER_TOKEN:+-e AUTO_GRADER_TOKEN} app-a /opt/auto-grader/auto-grader "$@"
  else
    IMAGE=$version compose run --rm --no-deps -T -e LOG_LEVEL=warn migrate "$@"
  fi
}
