#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the keys of a first start, once: what is there already stays. The broker's and each agency's volume is mounted
# under /all, so that no running container sees another one's secret. In production every agency makes its own key on its
# own machine and sends the public part alone.
set -eu
umask 077
settings=/etc/enlace/enlace.yaml
broker=/all/broker/keys

mkdir -p "$broker/agencies"
[ -e "$broker/broker.cert" ] || enlace keys new --out "$broker/broker.cert"

# name, folder of its adapter
agency() {
	state=/all/$1
	mkdir -p "$state/keys"
	if [ ! -e "$state/keys/$1.cert" ]; then
		enlace keys new --agency "$1" --out "$state/keys/$1.cert"
	fi
	enlace agency add "$1" --key "$state/keys/$1.cert" -c "$settings"
	cp "$broker/broker.cert" "$state/keys/broker.cert"
	[ -n "$2" ] || return 0
	[ -e "$state/webhook.secret" ] || head -c 32 /dev/urandom | base64 >"$state/webhook.secret"
	if [ ! -e "$state/adapter.yaml" ]; then
		cp -r "/usr/share/enlace/adapters/$2/." "$state/"
		sed -E -i \
			-e 's#^broker: .*#broker: {endpoint: "tcp://broker:5570", key: keys/broker.cert}#' \
			-e "s#^key: .*#key: keys/$1.cert_secret#" \
			-e "s#^schema: .*#schema: /usr/share/enlace/schemas/$2.binpb#" \
			-e 's#listen: "127\.0\.0\.1:#listen: "0.0.0.0:#' \
			-e "s#^( *post_to: ).*#\\1\"${PRIMERO_URL:-http://host.docker.internal:8601/api/v2/cases}\"#" \
			"$state/adapter.yaml"
	fi
}

agency inm inm
agency unicef unicef
agency comar comar
agency unhcr unhcr
agency albergue-esperanza civil-society
agency operations ""
