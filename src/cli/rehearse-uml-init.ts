const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * The first process of the kernel that `--rehearse=uml` boots. Pure.
 * @param folder - holds `subject`, takes `started`, `result`, `errors` and `trouble`
 * @param command - what rehearses, standard input to standard output
 */
export const umlInit = (folder: string, command: readonly string[]): string => `#!/bin/sh
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/ LC_ALL=C
folder=${quote(folder)}

finish() {
  sync
  poweroff -f 2>/dev/null
  # a bare host has no such program: ask the kernel itself
  echo o >/proc/sysrq-trigger
  sleep 60
}

fail() {
  echo "$1" >>"$folder/trouble"
  finish
}

mount -t proc proc /proc
# all other files of the host can be read only
mount -t hostfs -o "$folder" none "$folder" || finish
mount -t sysfs sysfs /sys || fail 'cannot mount /sys'
grep -q ' /dev devtmpfs ' /proc/mounts || mount -t devtmpfs devtmpfs /dev || fail 'cannot mount /dev'
mount -t tmpfs tmpfs /run || fail 'cannot mount /run'
mkdir -p /run/tmp /dev/shm
mount -t tmpfs tmpfs /dev/shm
export TMPDIR=/run/tmp

# modules are loaded by the kernel as they are asked for; the host has none for it where modprobe looks
cat >/run/modprobe <<END
#!/bin/sh
exec /sbin/modprobe -d '$folder/root' "\\$@"
END
chmod 755 /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe

echo started >"$folder/started"
${command.map(quote).join(' ')} <"$folder/subject" >"$folder/result" 2>"$folder/errors"
finish
`;
