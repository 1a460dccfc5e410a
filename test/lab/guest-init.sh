#!/bin/sh
# First process of a lab kernel, on the host's own files. The folder this script lies in was made for this one run by
# guest.mjs; it holds the command and takes what comes of it. Nothing else on the host is written to.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
lab=${0%/*}

finish() {
  sync
  poweroff -f 2>/dev/null
  # no poweroff binary on a bare host: ask the kernel itself
  echo o >/proc/sysrq-trigger
  sleep 60
}

fail() {
  echo "$1" >>"$lab/trouble"
  finish
}

mount -t proc proc /proc || fail 'cannot mount /proc'
mount -t sysfs sysfs /sys || fail 'cannot mount /sys'
# some kernels mount it by themselves
grep -q ' /dev devtmpfs ' /proc/mounts || mount -t devtmpfs devtmpfs /dev || fail 'cannot mount /dev'
mount -t tmpfs tmpfs /run || fail 'cannot mount /run'
mkdir -p /run/lock /run/tmp /dev/pts /dev/shm
chmod 1777 /run/tmp
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
ln -sf /proc/self/fd /dev/fd

# The host has no /lib/modules for this kernel, so modprobe gets its own root, for the kernel's requests too.
cat >/run/modprobe <<EOF
#!/bin/sh
exec /sbin/modprobe -d '$lab/root' "\$@"
EOF
chmod 755 /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe

# One a line, with parameters: the modules' own habit is to make devices nobody asked for (dummy0, bond0, ifb0).
while read -r line; do
  [ -n "$line" ] || continue
  # the words of the line are module and parameters
  # shellcheck disable=SC2086
  /run/modprobe $line || fail "cannot load module $line"
done <"$lab/modules"

ip link set lo up || fail 'cannot bring lo up'
export TMPDIR=/run/tmp

# 9p with its cache keeps what is written for a while; the host wants to see the output as it comes
case $(grep ' / ' /proc/mounts) in
*' 9p '*) while sleep 1; do sync; done & ;;
esac
echo started >"$lab/started"
sh "$lab/command.sh" >>"$lab/output" 2>&1 </dev/null
echo $? >"$lab/status.new"
mv "$lab/status.new" "$lab/status"
finish
