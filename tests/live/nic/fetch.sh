#!/usr/bin/env bash
# Gets what the virtual machines of nic_test.sh are made of, and installs nothing: the kernel that
# Debian makes for them with a static busybox, and the QEMU of the backports, as an older one has no igb.
# What is there already is not loaded again.
#
#	fetch.sh FOLDER kernel|qemu
#
# FOLDER/kernel and FOLDER/qemu hold the unpacked packages afterwards.
set -euo pipefail
export LC_ALL=C

folder=$(realpath -m "$1")
what=$2
# shellcheck disable=SC1091
codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")

# Lists of our own, so that nothing which is installed here changes.
own_lists=(-q -o "Dir::Etc::sourcelist=$folder/$what.list" -o Dir::Etc::sourceparts=/dev/null
	-o "Dir::State::lists=$folder/$what.lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
	-o Acquire::Languages=none -o Acquire::Retries=2 -o Acquire::http::Timeout=20 -o APT::Sandbox::User=root)

die() {
	echo "fetch: $*" >&2
	exit 1
}

apt_get() {
	apt-get "${own_lists[@]}" "$@"
}

# Where this machine has its Debian from; all suites lie there.
print_source() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
		"Codename: $codename" 'Component: main' | head -n 1
}

load_lists() {
	local uri suite
	uri=$(print_source)
	if [ -z "$uri" ]; then
		apt-get -q update # its lists tell which source is Debian's
		uri=$(print_source)
	fi
	[ -n "$uri" ] || die "this machine has no source of Debian packages"
	suite=$codename
	[ "$what" = kernel ] || suite=$codename-backports
	echo "deb $uri $suite main" >"$folder/$what.list"
	mkdir -p "$folder/$what.lists/partial"
	apt_get update --error-on=any
}

# The package without a version in its name is empty, and depends on the newest one.
newest_kernel() {
	apt-cache "${own_lists[@]}" depends linux-image-cloud-amd64 |
		sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1
}

download() {
	local name
	case $what in
	kernel)
		name=$(newest_kernel)
		[ -n "$name" ] || die "Debian has no kernel for virtual machines here"
		apt_get download "$name" busybox-static
		;;
	qemu) apt_get download qemu-system-x86 qemu-system-common qemu-system-data seabios ;;
	*) die "'$what' is neither kernel nor qemu" ;;
	esac
}

[ ! -d "$folder/$what" ] || exit 0
mkdir -p "$folder"
work=$(mktemp -d "$folder/new.XXXXXX")
trap 'rm -rf "$work" "$folder/$what.list" "$folder/$what.lists"' EXIT
mkdir "$work/debs" "$work/tree"
load_lists
cd "$work/debs"
download
for deb in *.deb; do
	dpkg -x "$deb" "$work/tree"
done
# under its name there is only what is whole
mv -T "$work/tree" "$folder/$what"
