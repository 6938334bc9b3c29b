#!/bin/sh
# Tells Elasticsearch how the logs look and how long they are kept, and Kibana what to show. Run once after both are up; safe to run again.
# ELASTICSEARCH_URL, KIBANA_URL, ELASTIC_PASSWORD_FILE; files from the folders beside this one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
auth="elastic:$(cat "${ELASTIC_PASSWORD_FILE:?}")"
put() { curl -fsS -u "$auth" -X PUT -H 'Content-Type: application/json' --data-binary "@$here/$2" "${ELASTICSEARCH_URL:-http://elasticsearch:9200}/$1"; echo; }
put _ilm/policy/auto-grader lifecycle.json
put _index_template/auto-grader index-template.json
# Kibana signs in with an account of its own.
curl -fsS -u "$auth" -X POST -H 'Content-Type: application/json' --data "{\"password\":\"$(cat "${KIBANA_PASSWORD_FILE:?}")\"}" \
  "${ELASTICSEARCH_URL:-http://elasticsearch:9200}/_security/user/kibana_system/_password"
if [ -n "${KIBANA_URL:-}" ]; then
  curl -fsS -u "$auth" -X POST -H 'kbn-xsrf: true' -F "file=@$here/../kibana/saved-objects.ndjson" "$KIBANA_URL/api/saved_objects/_import?overwrite=true"
fi
