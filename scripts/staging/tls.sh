# A certificate authority of our own, and certificates for the site and for the services. Source it.
# shellcheck shell=bash

# certificate NAME "DNS:…,IP:…"
certificate() {
  local tls=$STAGING_DIR/tls
  [ -s "$tls/$1.crt" ] && openssl x509 -checkend 86400 -noout -in "$tls/$1.crt" >/dev/null && return 0
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$tls/$1.key" -out "$tls/$1.csr" -subj "/CN=$1" 2>/dev/null
  openssl x509 -req -in "$tls/$1.csr" -CA "$tls/ca.crt" -CAkey "$tls/ca.key" -CAcreateserial -days 60 -out "$tls/$1.only" \
    -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$2") 2>/dev/null
  cat "$tls/$1.only" "$tls/ca.crt" >"$tls/$1.crt"
  rm "$tls/$1.csr" "$tls/$1.only"
}
start_tls() {
  local tls=$STAGING_DIR/tls
  mkdir -p "$tls"
  if [ ! -s "$tls/ca.crt" ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -keyout "$tls/ca.key" -out "$tls/ca.crt" -subj "/CN=Staging authority" \
      -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
  fi
  certificate site "DNS:$DOMAIN,DNS:www.$DOMAIN,DNS:api.$DOMAIN"
  certificate service "DNS:localhost,IP:127.0.0.1"
}
