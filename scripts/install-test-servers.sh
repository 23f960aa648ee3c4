#!/bin/sh
# Installs what the tests need beside Python: Java 17 or newer, for Apache Spark, and openssl, for a certificate of their own.
# Does nothing where it is there already. Starts nothing, so nothing is left running.
set -eu

java_major() {
    # "17.0.15", "21", "1.8.0" -> 17, 21, 1; 0 where no Java runs (macOS has a java that only says so)
    "${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | sed -n 's/^.* version "\([0-9]*\).*/\1/p' | head -n 1
}

packages=
major=$(java_major || true)
[ "${major:-0}" -ge 17 ] || packages=default-jre-headless
command -v openssl >/dev/null || packages="$packages openssl"
[ -n "$packages" ] || exit 0

if [ "$(uname -s)" = Darwin ]; then
    echo "The Spark tests need Java 17 or newer: brew install openjdk@21" >&2
    echo "then: export JAVA_HOME=\"\$(brew --prefix openjdk@21)/libexec/openjdk.jdk/Contents/Home\"" >&2
    exit 1
fi

if ! command -v apt-get >/dev/null; then
    echo "The Spark tests need Java 17 or newer: install your system's headless JRE, or set JAVA_HOME." >&2
    exit 1
fi

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null; then
    as_root=sudo
else
    echo "The Spark tests need Java 17 or newer; as root: apt-get install default-jre-headless" >&2
    exit 1
fi

echo "Installing for the tests: $packages" >&2
$as_root apt-get update -q >&2
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y --no-install-recommends $packages >&2

major=$(java_major || true)
if [ "${major:-0}" -lt 17 ]; then
    echo "This system's default Java is ${major:-missing}; the Spark tests need 17 or newer. Set JAVA_HOME to one." >&2
    exit 1
fi
