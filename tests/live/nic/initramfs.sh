#!/usr/bin/env bash
# Makes the root file system of nic_test.sh's machines: busybox, the program, DPDK's drivers for the
# emulated NICs, the libraries of all, and the kernel's modules that hand a NIC to DPDK.
#
#	initramfs.sh PROGRAM TREE OUT
#
# TREE: the kernel and busybox, as fetch.sh unpacks them. OUT is a cpio archive, not compressed: the
# machine is slower at that than QEMU at copying. The job is another one, put behind it.
set -euo pipefail
export LC_ALL=C

program=$1 packages=$2 out=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
libs=/usr/lib/x86_64-linux-gnu
# What is loaded at run time, no ldd knows: the buses, the mempool, the NICs (net_e1000 is em and igb).
drivers=(bus_pci bus_vdev mempool_ring net_e1000 net_virtio net_vmxnet3)
# In the order of loading.
modules=(uio uio_pci_generic irqbypass vfio vfio_virqfd vfio_iommu_type1 vfio-pci-core vfio-pci)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
mkdir -p "$tree"/{bin,dev,proc,sys,run,tmp,var,modules,lib64} "$tree$libs"
ln -s ../run "$tree/var/run"
ln -s "usr/lib" "$tree/lib"

cp "$here/init" "$tree/init"
cp "$packages/bin/busybox" "$tree/bin/busybox"
for applet in sh mount mkdir insmod cat stty cut reboot; do
	ln -s busybox "$tree/bin/$applet"
done
strip -o "$tree/bin/dpdk-tfoscan" "$program"

# A driver is a link to the one copy of its library: DPDK's constructors must not run twice.
plugins=$(echo "$libs"/dpdk/pmds-*)
mkdir -p "$tree$plugins"
for driver in "${drivers[@]}"; do
	library=$(echo "$libs/librte_$driver".so.[0-9][0-9])
	cp -L "$library" "$tree$libs/"
	ln -s "../../$(basename "$library")" "$tree$plugins/librte_$driver.so"
done
cp -L "$libs"/libgcc_s.so.1 "$tree$libs/" # pthread_cancel loads it
ldd "$program" "$tree$libs"/librte_*.so.* | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | sort -u |
	while read -r lib; do
		cp -Lu "$lib" "$tree$libs/"
	done
cp -L /lib64/ld-linux-x86-64.so.2 "$tree/lib64/"

n=10
for module in "${modules[@]}"; do
	file=$(find "$packages/lib/modules" -name "$module.ko")
	[ -n "$file" ] || continue # built in
	cp "$file" "$tree/modules/$n-$module.ko"
	n=$((n + 1))
done

(cd "$tree" && find . | cpio --quiet -o -H newc -R 0:0) >"$out"
