#!/bin/sh
# Installs what the tests need beside Python: PostgreSQL, Redis, nginx and Prometheus, Chromium and a font with Hangul, openssl for certificates
# of their own, Java 17 or newer for Apache Spark, and on Linux what builds images, Jekyll and Hugo. Does nothing where all is there already. Starts nothing, now or at
# boot: the tests start servers of their own and stop them.
set -eu

java_major() {
    # "17.0.15", "21", "1.8.0" -> 17, 21, 1; 0 where no Java runs (macOS has a java that only says so)
    "${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | sed -n 's/^.* version "\([0-9]*\).*/\1/p' | head -n 1
}

has() {
    command -v "$1" >/dev/null
}

has_postgres() {
    # Debian keeps it off the path
    has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

has_chromium() {
    has chromium || has chromium-browser || has google-chrome || [ -d "/Applications/Google Chrome.app" ]
}

has_hangul() {
    [ "$(uname -s)" = Darwin ] || { has fc-list && [ -n "$(fc-list :lang=ko)" ]; }
}

# One line for each thing that is missing: Debian's packages, Homebrew's, and what it is.
missing() {
    major=$(java_major || true)
    [ "${major:-0}" -ge 17 ] || echo "default-jre-headless|openjdk@21|Java 17 or newer"
    has openssl || echo "openssl|openssl|openssl"
    has_postgres || echo "postgresql|postgresql@17|PostgreSQL"
    has nginx || [ -x /usr/sbin/nginx ] || echo "nginx|nginx|nginx"
    has redis-server || echo "redis-server|redis|Redis"
    has promtool || echo "prometheus|prometheus|Prometheus"
    has_chromium || echo "chromium|--cask google-chrome|Chromium"
    # Images are built where Linux is, and by root
    [ "$(uname -s)" != Linux ] || has buildah || echo "buildah|-|buildah"
    [ "$(uname -s)" != Linux ] || has mmdebstrap || echo "mmdebstrap|-|mmdebstrap"
    # Sites that posts are built into; on macOS their tests say how to get them
    [ "$(uname -s)" != Linux ] || has jekyll || echo "jekyll|-|Jekyll"
    [ "$(uname -s)" != Linux ] || has hugo || echo "hugo|-|Hugo"
    has_hangul || echo "fontconfig fonts-nanum|--cask font-noto-sans-kr|a font with Hangul"
}

column() {
    missing | cut -d '|' -f "$1" | tr '\n' "$2" | sed "s/$2\$//"
}

packages=$(column 1 ' ')
[ -n "$packages" ] || exit 0

if [ "$(uname -s)" = Darwin ]; then
    echo "The tests need $(column 3 ,):" >&2
    missing | cut -d '|' -f 2 | sed 's/^/  brew install /' >&2
    echo "Homebrew says how to put postgresql on the path. For Java:" >&2
    echo "  export JAVA_HOME=\"\$(brew --prefix openjdk@21)/libexec/openjdk.jdk/Contents/Home\"" >&2
    exit 1
fi

if ! has apt-get; then
    echo "The tests need $(column 3 ,): install your system's packages of them (for Java, JAVA_HOME is looked at too)." >&2
    exit 1
fi

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif has sudo; then
    as_root=sudo
else
    echo "The tests need $(column 3 ,); as root: apt-get install $packages" >&2
    exit 1
fi

# Debian makes a cluster of its own for PostgreSQL and starts what it installs, unless these two files say otherwise.
no_cluster=/etc/postgresql-common/createcluster.d/for-paycanary-tests.conf
no_start=/usr/sbin/policy-rc.d
if [ -e "$no_start" ]; then no_start=; fi

restore() {
    $as_root rm -f "$no_cluster" $no_start
}
trap restore EXIT

$as_root mkdir -p "$(dirname "$no_cluster")"
echo "create_main_cluster = false" | $as_root tee "$no_cluster" >/dev/null
if [ -n "$no_start" ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$no_start" >/dev/null
    $as_root chmod +x "$no_start"
fi

echo "Installing for the tests: $packages" >&2
$as_root apt-get update -q >&2
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $packages >&2
case " $packages " in
*" redis-server "*) if has systemctl; then $as_root systemctl disable --quiet redis-server >&2 || true; fi ;;
esac
case " $packages " in
*" prometheus "*) if has systemctl; then $as_root systemctl disable --quiet prometheus >&2 || true; fi ;;
esac
case " $packages " in
*" nginx "*) if has systemctl; then $as_root systemctl disable --quiet nginx >&2 || true; fi ;;
esac

still=$(column 3 ,)
if [ -n "$still" ]; then
    echo "Debian's packages are installed ($packages), yet this is not found or too old: $still." >&2
    exit 1
fi
