#!/usr/bin/env bash
# The program on NICs with drivers of DPDK's: in a virtual machine for each model, with the lab's servers
# at the other end of the cable. What QEMU emulates has the queues, tables and keys of the real thing,
# not its speed. No KVM is needed; what is inside of the machines lies in a folder of the build.
#
#	tests/live/nic_test.sh [MODEL …]
source "$(dirname "$0")/lib.sh"
need qemu-system-x86_64 cpio apt-get dpkg nstat

readonly guest=${TFOSCAN_GUEST:-$root/build/guest}
readonly SECONDS_MAX=240 # until a machine has ended; 30 are usual, on a host with nothing else to do
readonly AT_A_TIME=4 # two virtual CPUs each, that rest while they wait for servers
readonly PORTS_FIRST=32768 PORTS_LAST=61000

readonly virtio=virtio-net-pci,mq=on,vectors=10
readonly virtio_rss=$virtio,rss=on,disable-legacy=on

# name, which QEMU (old: the installed one; new: one that has igb; best: new, else old), device, what hands
# the NIC over, queues of the tap, workers, DPDK's driver, and what comes of it:
#   steered  each reply comes to its worker's queue
#   spread   to any queue, or all to one; they are handed over
#   one      there is one queue, and so one worker
# Six queues are no power of two, as the NIC's table is.
models=(
	"igb         new  igb                            uio_pci_generic  1 6  net_e1000_igb  steered"
	"igb-vfio    new  igb                            vfio-pci         1 4  net_e1000_igb  steered"
	"virtio-rss  best $virtio_rss                    uio_pci_generic  4 4  net_virtio     steered"
	"virtio-vfio old  $virtio_rss,iommu_platform=on  vfio-pci         4 4  net_virtio     steered"
	"virtio      old  $virtio,ctrl_rx=off            uio_pci_generic  4 4  net_virtio     spread"
	"vmxnet3     old  vmxnet3                        uio_pci_generic  1 4  net_vmxnet3    spread"
	"e1000       old  e1000                          uio_pci_generic  1 4  net_e1000_em   one"
	"e1000e      old  e1000e                         uio_pci_generic  1 4  net_e1000_em   one"
)

# ---- what the machines are made of

# An installed QEMU may have igb, too: then it is the one for all.
choose_qemu() {
	old_qemu=(qemu-system-x86_64)
	new_qemu=()
	if qemu-system-x86_64 -device help 2>&1 | grep '^name "igb"' >/dev/null; then
		new_qemu=("${old_qemu[@]}")
	elif "$live/nic/fetch.sh" "$guest" qemu >"$tmp/fetch-qemu" 2>&1; then
		new_qemu=("$guest/qemu/usr/bin/qemu-system-x86_64" -L "$guest/qemu/usr/share/qemu" -L "$guest/qemu/usr/share/seabios")
	fi
	# shellcheck disable=SC2034
	best_qemu=("${new_qemu[@]:-${old_qemu[@]}}")
}

make_guest() {
	"$live/nic/fetch.sh" "$guest" kernel >"$tmp/fetch" 2>&1 ||
		skip "no kernel for a virtual machine can be had: $(tail -n 1 "$tmp/fetch")"
	kernel=$(echo "$guest"/kernel/boot/vmlinuz-*)
	"$live/nic/initramfs.sh" "$program" "$guest/kernel" "$tmp/initramfs" || skip "no guest can be made here"
}

# Servers of all kinds, bad paths, and ports where nobody listens.
make_targets() {
	{ lab targets live 200 && lab targets live6 100 && lab targets impaired impaired6; } >"$tmp/open"
	{
		cat "$tmp/open"
		for n in 1 2 3 4; do
			echo "198.18.200.$n:81"
			echo "[fd00:18::c8:$n]:81"
		done
	} >"$tmp/targets"
	nb_closed=$(grep -cE '(\.[0-9]+|\]):81$' "$tmp/targets")
}

# make_tap NAME NUMBER QUEUES: a cable of its own for each machine, the servers' kernel at its end
make_tap() {
	local many=()
	[ "$3" = 1 ] || many=(multi_queue)
	ip -n "$LAB_SRV_NS" tuntap add dev "$1" mode tap vnet_hdr "${many[@]}"
	ip -n "$LAB_SRV_NS" addr add "10.98.$2.1/24" dev "$1"
	ip -n "$LAB_SRV_NS" addr add "fd00:98:$2::1/64" dev "$1" nodad
	in_srv ethtool -K "$1" tx off gro off gso off tso off >/dev/null
	ip -n "$LAB_SRV_NS" link set "$1" up
}

# ICMP errors to the machine: they quote a worker's frame, and no port leads them to its queue.
count_errors() {
	in_srv nft -f - <<-NFT
		table inet errors_$1 {
			chain c {
				type filter hook postrouting priority 0;
				oifname $1 icmp type destination-unreachable counter
				oifname $1 icmpv6 type destination-unreachable counter
			}
		}
	NFT
}

nb_errors() {
	in_srv nft -j list table inet "errors_$1" | jq '[.nftables[].rule?.expr[]?.counter?.packets // empty] | add'
}

# ---- a machine

# start_machine NAME NUMBER QEMU DEVICE HANDLER QUEUES WORKERS: sets machine_pid; its files lie in $tmp/NAME
start_machine() {
	local name=$1 number=$2 which=$3 device=$4 handler=$5 queues=$6 workers=$7
	local place=$tmp/$name tap=nic$number iommu=() append='' nb=''
	local -n qemu=${which}_qemu
	mkdir -p "$place/job"
	cp "$tmp/targets" "$place/job/targets"
	echo "handler=$handler" >"$place/job/environment"
	cat >"$place/job/command" <<-SH
		exec dpdk-tfoscan --lcores '(0-$workers)@(0,1)' -- --targets /job/targets -S 10.98.$number.3/24 -G 10.98.$number.1 \
			-S fd00:98:$number::3/64 -G fd00:98:$number::1 --no-default-blocklist ${once[*]} -c 0 -r 2000 -v -o -
	SH
	cp "$tmp/initramfs" "$place/initrd"
	(cd "$place" && find job | cpio --quiet -o -H newc -R 0:0 >>initrd)
	if [ "$handler" = vfio-pci ]; then
		iommu=(-device 'intel-iommu,intremap=on,caching-mode=on')
		append=intel_iommu=on
	fi
	[ "$queues" = 1 ] || nb=,queues=$queues
	make_tap "$tap" "$number" "$queues"
	count_errors "$tap"
	ip netns exec "$LAB_SRV_NS" "${qemu[@]}" -M q35 -accel tcg,thread=multi -cpu Nehalem -smp 2 -m 1024 \
		-nodefaults -no-user-config -no-reboot -display none -monitor none \
		-serial "file:$place/console" -serial "file:$place/out" -serial "file:$place/err" -serial "file:$place/code" \
		-kernel "$kernel" -initrd "$place/initrd" -append "console=ttyS0 quiet panic=-1 tsc=reliable no_timer_check \
			mitigations=off hugepagesz=2M hugepages=256 rdinit=/init $append" "${iommu[@]}" \
		-netdev "tap,id=n,ifname=$tap,script=no,downscript=no,vhost=off$nb" \
		-device "$device,netdev=n,mac=52:54:00:00:00:0$number,romfile=" >"$place/qemu" 2>&1 </dev/null &
	machine_pid=$!
	started+=("$machine_pid")
}

# ---- what came of it

# nb_parts WORKERS: in how many workers' parts of the ports there are answered targets
nb_parts() {
	jq --argjson n "$1" --argjson a "$PORTS_FIRST" --argjson b "$PORTS_LAST" -r \
		'.evidence?.baseline?.sport // empty | (. - $a) * $n / ($b - $a + 1) | floor' "$out" | sort -u | wc -l
}

at_most() {
	[ "$1" -le "$2" ]
}

check_queues() {
	local name=$1 number=$2 workers=$3 how=$4
	case $how in
	steered)
		is "$name: no reply came elsewhere" 0 "$(counter elsewhere)"
		is "$name: every worker had some" "$workers" "$(nb_parts "$workers")"
		expect "$name: nothing but ICMP was handed over" at_most "$(counter handed_over)" "$(nb_errors "nic$number")"
		;;
	spread)
		expect "$name: replies came to other queues" [ "$(counter elsewhere)" -gt 0 ]
		expect "$name: they were handed over" at_most "$(counter elsewhere)" "$(counter handed_over)"
		is "$name: and taken over" "$(counter handed_over)" "$(counter taken_over)"
		;;
	one) is "$name: no reply came elsewhere" 0 "$(counter elsewhere)" ;;
	esac
}

# check_machine NAME NUMBER HANDLER WORKERS DRIVER HOW
check_machine() {
	local name=$1 number=$2 handler=$3 workers=$4 driver=$5 how=$6 iova=PA
	[ "$handler" = uio_pci_generic ] || iova=VA
	[ "$how" != one ] || workers=1
	cp "$tmp/$name/err" "$tmp/err"
	cp "$tmp/$name/out" "$out"
	code=$(cat "$tmp/$name/code")
	if is_starved; then
		pass "$name: exit code 4, as workers were starved again and again"
	else
		done_code "$name: exit code 0"
	fi
	[ -n "$code" ] || tail -n 5 "$tmp/$name/qemu" "$tmp/$name/console" "$tmp/err" | sed 's/^/# /'
	says "$name: $workers by $driver" "^dpdk-tfoscan: port 0 \\($driver\\) with $workers worker"
	says "$name: DPDK's addresses are $iova" "IOVA mode '$iova'"
	expect "$name: every line whole" all_whole "$out"
	jq -c 'select(.dp == 53)' "$out" >"$tmp/open-records"
	expect "$name: every record as the table says" all_right "$tmp/open-records" "$tmp/open"
	is "$name: closed ports are closed" "$nb_closed" "$(nb_found_closed)"
	is "$name: no frame of the server's was bad" 0 "$(counter bad_checksum)"
	check_queues "$name" "$number" "$workers" "$how"
	note "$name: steered $(counter steered), elsewhere $(counter elsewhere), handed over $(counter handed_over)," \
		"strays $(counter strays), sent $(counter frames_sent); longest pause of a worker" \
		"$(sed -n 's/.*longest pause of a worker: //p' "$tmp/err"); init: $(sed -n 's/^init: //p' "$tmp/$name/console" | paste -sd, | tr -d '\r')"
}

# The virtual CPUs share those of this machine: then what was under way is measured again, and said.
is_starved() {
	[ "$code" = 4 ] && grep -q 'a worker was off its CPU' "$tmp/err"
}

nb_found_closed() {
	jq -r 'select(.dp == 81) | .conditions | join(" ")' "$out" |
		grep -cx 'tfo.connectivity.offline tfo.baseline.closed'
}

# Machines that run, oldest first: a line of models, and a pid.
running=()

end_oldest() {
	local field
	read -ra field <<<"${running[0]}"
	running=("${running[@]:1}")
	wait_end "$SECONDS_MAX" "${field[0]}"
	check_machine "${field[1]}" "${field[2]}" "${field[5]}" "${field[7]}" "${field[8]}" "${field[9]}"
}

# run_machine NUMBER MODEL…
run_machine() {
	local number=$1 name=$2 which=$3
	local -n qemu=${which}_qemu
	shift 2
	if [ ${#qemu[@]} = 0 ]; then
		note "skipped: $name: the QEMU that is installed has no igb, and a newer one can't be had: $(tail -n 1 "$tmp/fetch-qemu")"
		return
	fi
	[ ${#running[@]} -lt "$AT_A_TIME" ] || end_oldest
	start_machine "$name" "$number" "$@"
	running+=("$machine_pid $name $number $*")
}

choose_qemu
make_guest
new_lab
make_targets
number=0
for model in "${models[@]}"; do
	number=$((number + 1))
	read -ra field <<<"$model"
	if [ $# = 0 ] || [[ " $* " == *" ${field[0]} "* ]]; then
		run_machine "$number" "${field[@]}"
	fi
done
while [ ${#running[@]} -gt 0 ]; do
	end_oldest
done
is "no frame with a bad checksum came to the servers" 0 "$(in_srv nstat -asz TcpInCsumErrors | awk '/TcpInCsumErrors/ { print $2 }')"

finish
