#!/bin/sh
# Makes the passwords and keys that docker-compose.yml reads, each a file: sh deploy/compose-secrets.sh [FOLDER]
# FOLDER is deploy/compose/secrets by default, which git ignores. What is there already is kept.
set -eu
folder=${1:-$(dirname "$0")/compose/secrets}
umask 022
mkdir -p "$folder"
chmod 700 "$folder" # the files can be read by the containers' users, the folder only by you
cd "$folder"

keep() { # NAME: writes standard input to NAME unless NAME is there
    if [ ! -s "$1" ]; then cat >"$1.new" && mv "$1.new" "$1"; fi
}
word() { LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c "$1"; }
fernet() { head -c 32 /dev/urandom | base64 | tr '+/' '-_'; }

word 32 | keep rabbitmq-admin-password
admin=$(cat rabbitmq-admin-password)
printf 'default_user = concord-admin\ndefault_pass = %s\n' "$admin" | keep rabbitmq-admin.conf
printf 'http://concord-admin:%s@rabbitmq:15672\n' "$admin" | keep rabbitmq-management-url

word 32 | keep postgres-password
for service in intake routing notification metrics; do
    word 32 | keep "$service-broker-password"
    word 32 | keep "$service-database-password"
    printf 'amqp://%s:%s@rabbitmq:5672/%%2F\n' "$service" "$(cat "$service-broker-password")" |
        keep "$service-broker-url"
    printf 'postgresql+psycopg2://%s:%s@postgres:5432/%s\n' "$service" "$(cat "$service-database-password")" "$service" |
        keep "$service-database-url"
done

fernet | keep routing-keys
fernet | keep notification-keys
fernet | keep intake-keys
fernet | keep vault-keys
word 48 | keep receipt-key
word 48 | keep link-key
word 48 | keep access-key
word 48 | keep ops-token
word 32 | keep grafana-admin-password
echo "secrets are in $folder"
