#!/bin/sh
# Tells Greenlight how a pipeline stands: sh ci-webhook.sh < message.json (docs/ci.md). Needs curl, openssl and these variables:
# GREENLIGHT_URL, as in https://greenlight.acme.test/webhooks/ci, and CI_WEBHOOK_SECRET. Safe to run again: one id is taken once.
set -eu
body=$(mktemp)
trap 'rm -f "$body"' EXIT
cat > "$body"
now=$(date +%s)
id=ci-$now-$(openssl rand -hex 8)
hex() { od -An -v -tx1 | tr -d ' \n'; }
# HMAC-SHA256 by hand: as an argument of openssl, everybody on the machine could read the secret in ps.
case $CI_WEBHOOK_SECRET in
  whsec_*) key=$(printf %s "${CI_WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | hex) ;;
  *) key=$(printf %s "$CI_WEBHOOK_SECRET" | hex) ;;
esac
[ ${#key} -le 128 ] || key=$(printf %s "$CI_WEBHOOK_SECRET" | openssl dgst -sha256 -binary | hex)
pad() (n=0; while [ $n -lt 64 ]; do byte=${key%"${key#??}"}; key=${key#??}; printf "\\$(printf %03o $((0x${byte:-0} ^ $1)))"; n=$((n + 1)); done)
inner() { pad 0x36; printf %s "$id.$now."; cat "$body"; }
signature=$({ pad 0x5c; inner | openssl dgst -sha256 -binary; } | openssl dgst -sha256 -binary | openssl base64 -A)
curl --silent --show-error --fail-with-body --retry 3 --max-time 30 -H "content-type: application/json" -H "webhook-id: $id" \
  -H "webhook-timestamp: $now" -H "webhook-signature: v1,$signature" --data-binary "@$body" "$GREENLIGHT_URL"
