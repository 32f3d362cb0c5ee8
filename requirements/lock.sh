#!/bin/sh
# Renews the locks. Run on Python 3.11 with pip-tools 7.6 installed; the result serves 3.11 to 3.13, x86_64 and arm64.
# Nothing about where the packages came from gets into the files: only names, versions and hashes.
set -eu
cd "$(dirname "$0")"
for name in layer dev ministack vendor_sdk vendor_cn vendor_image plots; do
    pip-compile --quiet --no-config --generate-hashes --strip-extras --allow-unsafe --no-header \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host "$@" --output-file "$name.txt" "$name.in"
done
