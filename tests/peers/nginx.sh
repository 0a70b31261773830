#!/bin/sh
# nginx.sh PORT SCRATCH: nginx with nginx.conf, its files in a scratch directory.
sed "s|PORT|$1|; s|SCRATCH|$2|g" "$(dirname "$0")/nginx.conf" >"$2/$1.conf"
exec nginx -e stderr -c "$2/$1.conf"
