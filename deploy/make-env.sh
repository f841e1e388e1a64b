#!/bin/sh
# Writes .env for docker-compose.yml with fresh secrets. Never overwrites one: GATEHOUSE_MASTER_KEY in it is the only
# key to what the vault has stored.
set -eu
cd "$(dirname "$0")/.."
if [ -e .env ]; then
  echo "make-env: .env is there already and is left as it is" >&2
  exit 0
fi
umask 077
trap 'rm -f .env.new' EXIT
# letters and digits, beginning with a letter: safe in URLs and in nats-server's configuration
secret() { printf 'p%s' "$(od -An -vtx1 -N24 /dev/urandom | tr -d ' \n')"; }
{
  echo "GATEHOUSE_MASTER_KEY=$(head -c 32 /dev/urandom | base64)"
  echo "POSTGRES_PASSWORD=$(secret)"
  for service in AUTH VAULT POLICY AUDIT; do echo "GATEHOUSE_${service}_DB_PASSWORD=$(secret)"; done
  for service in EDGE AUTH VAULT POLICY AUDIT CONSOLE; do echo "NATS_${service}_PASSWORD=$(secret)"; done
  echo "VALKEY_PASSWORD=$(secret)"
  echo "DEMO_KEY=$(secret)"
} > .env.new
mv .env.new .env
echo "make-env: .env is written; keep a copy of its GATEHOUSE_MASTER_KEY" >&2
