#!/bin/sh
# Boots a copy of this machine that is thrown away: systemd is its first process,
# its network is a loopback of its own, and what it writes lies in memory. It is
# run in new namespaces by operations_test.go.
#   boot.sh FOLDER EXCHANGE TREE
set -eu
folder=$1 exchange=$2 tree=$3
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$folder"
root=$folder/root
mkdir "$folder/up" "$folder/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/up,workdir=$folder/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
touch "$root/dev/console"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir "$root/run/lock" "$root/run/walk" "$root/run/tree"
mount --bind "$exchange" "$root/run/walk"
mount --bind -o ro "$tree" "$root/run/tree"
# What the services of this machine keep may change under the copy: it begins with none of it.
for owner in root:etc/postgresql root:etc/rampforge root:var/backups postgres:var/lib/postgresql redis:var/lib/redis prometheus:var/lib/prometheus; do
  mkdir -p "$root/${owner#*:}"
  mount -t tmpfs -o "mode=755,uid=$(id -u "${owner%%:*}")" tmpfs "$root/${owner#*:}"
done
ip link set lo up
# Nothing that this machine would start is started.
printf '[Unit]\nRequires=basic.target\nAfter=basic.target\nAllowIsolate=yes\n' > "$root/etc/systemd/system/walk.target"
ln -sf walk.target "$root/etc/systemd/system/default.target"
echo '127.0.0.1 localhost rampforge.example.com' > "$root/etc/hosts"
mkdir -p "$root/oldroot"
cd "$root"
pivot_root . oldroot
umount -l /oldroot
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --log-target=journal --show-status=0
