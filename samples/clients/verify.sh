#!/bin/sh
set -eu # FACEGATE_URL, FACEGATE_API_KEY, PHOTO=photo.jpg, LIVE=live.bin
api() { curl -fsS -H "Authorization: Bearer $FACEGATE_API_KEY" -H 'Content-Type: application/json' "$@"; }
link() { printf %s "$opened" | sed 's/.*"'"$1"'":{"method":"PUT","url":"\([^"]*\)".*/\1/'; }
consent='{"notice_version":"2026-10","accepted_at":"'$(date -u +%Y-%m-%dT%H:%M:%SZ)'"}'
opened=$(api "$FACEGATE_URL/v1/verifications" -d '{"kind":"liveness_compare","consent":'"$consent"'}')
curl -fsS -T "$LIVE" -H 'Content-Type: application/octet-stream' "$(link live_data)"
curl -fsS -T "$PHOTO" -H 'Content-Type: image/jpeg' "$(link photo)"
one="$FACEGATE_URL/v1/verifications/$(printf %s "$opened" | sed 's/.*"id":"\(ver_[^"]*\)".*/\1/')"
api "$one/submit" -d '{}' > /dev/null
until api "$one" | grep -v '"status":"processing"'; do sleep 1; done
