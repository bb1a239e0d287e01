#!/usr/bin/env bash
# --connect http and --connect tls: the lab's web servers, nginx and h2o, behind its good and bad paths;
# nginx that refuses a name, asks for another key share, or is asked in another protocol than it speaks.
source "$(dirname "$0")/lib.sh"
need nginx h2o openssl
new_lab
cd "$tmp" || exit 1

# ---- the servers: those of the lab, and nginx in other manners

lab web || skip "the lab has no web servers"
# listen PORT OPTIONS…: for all addresses of both families
listen() {
	echo "listen 0.0.0.0:$1 ${*:2}; listen [::]:$1 ${*:2};"
}
cat >nginx.conf <<-NGINX
	daemon off; master_process off; pid $tmp/nginx.pid; error_log $tmp/nginx.log;
	events { worker_connections 4096; }
	http {
		client_body_temp_path $tmp; proxy_temp_path $tmp; fastcgi_temp_path $tmp;
		uwsgi_temp_path $tmp; scgi_temp_path $tmp;
		log_format heard '\$server_port \$request_method \$uri \$http_host';
		access_log $tmp/heard heard;
		ssl_certificate $LAB_DIR/cert.pem; ssl_certificate_key $LAB_DIR/key.pem;
		server { $(listen 81) return 404; }
		server { $(listen 82 fastopen=256) return 301; }
		server { $(listen 444 ssl) ssl_protocols TLSv1.2; }
		server { $(listen 445 ssl fastopen=256) ssl_protocols TLSv1.3; ssl_ecdh_curve secp384r1; }
		server { $(listen 446 ssl fastopen=256) server_name www.example.net; }
		server { $(listen 446 ssl default_server) ssl_reject_handshake on; }
	}
NGINX
ip netns exec "$LAB_SRV_NS" nginx -p "$tmp" -c "$tmp/nginx.conf" >nginx.said 2>&1 &
started+=($!)
listen_all() {
	[ "$(in_srv ss -Hltn 'sport = :81 or sport = :82 or sport = :444 or sport = :445 or sport = :446' | wc -l)" = 10 ]
}
expect "nginx listens" within 20 listen_all

# ---- what is looked at

printf '%s\n' 198.18.0.{1..8} fd00:18::{1..4} >targets
tfo='tfo.connectivity.works tfo.cookie.received tfo.syndata.acked tfo.cookie.length.8'
plain='tfo.connectivity.works tfo.cookie.not_received'
# words: of all records, each kind once
words() {
	jq -r '.conditions | join(" ")' "$out" | sed 's/ tfo.zerortt.[a-z]*//' | sort -u
}
# in_all EXPRESSION: its value in every connection that was made, each once
in_all() {
	jq -c ".evidence | .baseline, .request, .data | values | $1" "$out" | sort -u
}
# answers SENTENCE WORDS CODES ARGUMENTS…: CODES is [rcode,status,alert] of every connection
answers() {
	scan 40 "${usual[@]}" --targets targets "${@:4}"
	done_code "$1: exit code 0"
	is "$1: every target has its record" 12 "$(nb_records)"
	is "$1: the words" "$2" "$(words)"
	is "$1: the answers" "$3" "$(in_all '[.rcode, .status, .alert]')"
	is "$1: all connections succeed" '"ok"' "$(in_all .outcome)"
}
acked() {
	is "$1: the SYN-ACK acknowledges all data" true \
		"$(jq '.evidence.data | values | select(.outcome == "ok") | .data_len > 50 and .data_acked == .data_len' \
			"$out" | sort -u)"
}

# ---- the lab, and what a capture of its scan says again

lab targets live impaired live6 impaired6 2 >lab
# whole APP PORT CODES
whole() {
	scan 60 "${usual[@]}" --connect "$1" --targets lab --write-pcap "$1.pcapng"
	done_code "the lab, $1: exit code 0"
	expect "the lab, $1: every target has its record" each_once "$out" lab
	expect "the lab, $1: what stands there is found" all_right "$out" lab
	is "the lab, $1: the answers" "$3" "$(in_all 'select(.outcome == "ok") | [.rcode, .status, .alert]')"
	is "the lab, $1: all of them took their time" "" "$(in_all 'select(.outcome == "ok" and .answer_us == null)')"
	acked "the lab, $1"
	is "the lab, $1: the port" "$2" "$(jq .dp "$out" | sort -u)"
	is "the lab, $1: the name is in the record" '"example.com"' "$(jq .domain "$out" | sort -u)"
	"$program" -q --read-pcap "$1.pcapng" -o again 2>err
	is "the lab, $1: its capture is read" 0 "$?"
	is "the lab, $1: and gives the same records" "" "$(diff <(sort "$out") <(sort again) | cut -c 1-300 | head -n 4)"
	rm again
}
whole http 80 '[null,204,null]'
whole tls 443 '[null,null,null]'

# ---- servers in other manners

answers "h2o, http" "$tfo" '[null,404,null]' --connect http -p 8080
acked "h2o, http"
answers "nginx without TFO, http" "$plain" '[null,404,null]' --connect http -p 81
is "the name was the Host of both requests" "24 81 HEAD / example.com" "$(sort heard | uniq -c | sed 's/^ *//')"
answers "a name that nginx knows, tls" "$tfo" '[null,null,null]' --connect tls -p 446 --domain www.example.net
answers "a name that it refuses, tls" "$tfo" '[null,null,112]' --connect tls -p 446
answers "no name, tls" "$tfo" '[null,null,112]' --connect tls -p 446 --domain .
answers "nginx without TFO, tls 1.2" "$plain" '[null,null,null]' --connect tls -p 444
answers "nginx that asks for another key share, tls" "$tfo" '[null,null,null]' --connect tls -p 445
long=$(printf 'a%.0s' {1..60}).$(printf 'b%.0s' {1..60}).example.net
answers "h2o, a long name, tls" "$tfo" '[null,null,null]' --connect tls -p 8443 --domain "$long"
is "its hello is padded" 517 "$(in_all .data_len)"
acked "h2o, a long name, tls"

# ---- jobs

: >heard
cat >jobs <<-'JOBS'
	{"dip":"198.18.0.1","domain":"www.example.org","rank":"1"}
	{"dip":"198.18.0.2","dp":81,"domain":"192.0.2.1"}
	198.18.0.3
JOBS
scan 30 "${usual[@]}" --connect http -p 82 --targets jobs --domain other.example
done_code "jobs with names: exit code 0"
is "each is asked for its own" "2 81 HEAD / 192.0.2.1;3 82 HEAD / other.example;3 82 HEAD / www.example.org" \
	"$(sort heard | uniq -c | sed 's/^ *//' | paste -sd';')"
is "and the record says which" "192.0.2.1 other.example www.example.org" \
	"$(jq -r .domain "$out" | sort | paste -sd' ')"
printf '{"dip":"198.18.0.1","domain":"a\\r\\nX-Evil: 1"}\n' >evil
scan 30 "${usual[@]}" --connect http -p 82 --targets evil
is "a name with a line's end: exit code 2" 2 "$code"
says "and the line says what a name is made of" 'evil:1: domain may hold letters'
scan 30 "${usual[@]}" --connect http -p 82 198.18.0.1 --domain $'a\r\nX-Evil: 1'
is "the same as --domain: exit code 2" 2 "$code"
is "no request of it was heard" 0 "$(grep -ci evil heard)"

# ---- another protocol than was asked in

scan 30 "${usual[@]}" --connect tls -p 80 --timeout 1 198.18.0.1
done_code "tls to a server of http: exit code 0"
is "its answer is foreign" '"stall"' "$(in_all .outcome)"
scan 30 "${usual[@]}" --connect http -p 443 198.18.0.1
done_code "http to a server of tls: exit code 0"
is "nginx says so in http" '[null,400,null]' "$(in_all '[.rcode, .status, .alert]')"

finish
